"""What may hold of one argument: an open set, of which each file has its own kind."""

from transforms.strengthen.inputs.properties.digit_forms import DIGIT_FORMS
from transforms.strengthen.inputs.properties.edge_lists import EDGE_LISTS
from transforms.strengthen.inputs.properties.graph_forms import GRAPH_FORMS
from transforms.strengthen.inputs.properties.grid_forms import GRID_FORMS
from transforms.strengthen.inputs.properties.numberings import NUMBERINGS
from transforms.strengthen.inputs.properties.occurrences import OCCURRENCES, UNIQUE
from transforms.strengthen.inputs.properties.ordered_values import ORDERED_VALUES
from transforms.strengthen.inputs.properties.property import Property
from transforms.strengthen.inputs.properties.text_forms import TEXT_FORMS
from transforms.strengthen.inputs.properties.tree_forms import TREE_FORMS

PROPERTIES: tuple[Property, ...] = (
    *GRID_FORMS,
    *NUMBERINGS,
    *OCCURRENCES,
    *ORDERED_VALUES,
    *TEXT_FORMS,
    *DIGIT_FORMS,
    *EDGE_LISTS,
    *GRAPH_FORMS,
)
OF_TREES: tuple[Property, ...] = (UNIQUE, *TREE_FORMS)  # of lists that stand for binary trees
