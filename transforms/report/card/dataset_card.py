"""The whole card: YAML, and sections in the order in which a reader asks."""

from transforms.report.card import origin_sections, rights_sections, use_sections
from transforms.report.card.front_matter import TITLE, front_matter
from transforms.report.card.subject import Subject

SECTIONS = (
    ("What it is", origin_sections.what_it_is),
    ("How to load it", use_sections.loading),
    ("Licences", rights_sections.licences),
    ("Secrets and personal data", rights_sections.secrets),
    ("Contamination", rights_sections.contamination),
    ("What is not to be passed on", rights_sections.not_to_be_passed_on),
    ("Opting out", rights_sections.opt_outs),
    ("How it was made", origin_sections.how_it_was_made),
    ("Where everything went", origin_sections.funnel),
    ("Filters", origin_sections.filters),
    ("Duplicates", origin_sections.duplicates),
    ("Problems", use_sections.problems),
    ("Known limits", use_sections.limits),
    ("Columns", use_sections.columns),
)


def dataset_card(subject: Subject) -> str:
    """The text of DATA/README.md."""
    head = front_matter(subject.configs, subject.licences())
    sections = (
        f"## {title}\n\n" + "\n".join(section(subject)).rstrip("\n") + "\n"
        for title, section in SECTIONS
    )
    return "\n".join((head, f"# {TITLE}\n", *sections))
