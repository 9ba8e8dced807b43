"""Passwords and keys in string literals: what is found, with its exact range, and what is not."""

import pyarrow as pa
import pytest

from transforms.lib.detection.detectors.assigned_literals import find_assigned_literals
from transforms.lib.detection.finding import HIGH, LOW, Finding
from transforms.lib.text.batch import text_batch

RANDOM = "dGbpoJdqNuMlGDECgO9I"
DJANGO = "*ymubzn8p_s7vrm%jsqvr6$qnea_5mcp(ao0z-yh1q0gro!0g1"

# In these the value between « and » is found, by the rule.
FOUND = [
    ("assigned-password", 'password = "«hunter2»"'),
    ("assigned-password", 'self.db_password = b"«hunter2»"'),
    ("assigned-password", "connect(user='root', passwd='«rootpw»')"),
    ("assigned-password", "def connect(host, password='«hunter2»'): pass"),
    ("assigned-password", 'password: str = "«hunter2»"'),
    ("assigned-password", 'password: str | None = "«hunter2»"'),
    ("assigned-password", 'def f(password: Optional[str] = "«hunter2»"): pass'),
    ("assigned-password", 'if password == "«pygmalion»": pass'),
    ("assigned-password", 'assert cfg["password"] != "«izayoi»"'),
    ("assigned-password", 'cfg["password"] = "«hunter2»"'),
    ("assigned-password", '{"user": "x", "dbPassword": "«hunter2»"}'),
    ("assigned-password", '{PASSWORD: "«hunter2»"}'),
    ("assigned-password", 'os.getenv("PASSWORD", "«hunter2»")'),
    ("assigned-password", 'os.environ.get("PASSWORD") or "«hunter2»"'),
    ("assigned-password", 'password = SecretStr("«hunter2»")'),
    ("assigned-password", 'user, password = "admin", "«hunter2»"'),
    ("assigned-password", 'password = ("«hunter2»"\n    )'),
    ("assigned-password", "PGPASSWORD = u'«some:thing»'"),
    ("assigned-password", "auth_password='«open sesame»'"),
    ("assigned-password", "# password = '«welcome1»'"),
    ("assigned-password", "f(password='é', pwd='«séсret1»')"),
    ("assigned-password", "login(password='«password»')"),
    ("assigned-key", f'token = "«{RANDOM}»"'),
    ("assigned-key", f'{{"apiKey": "«{RANDOM}»"}}'),
    ("assigned-key", f'headers = {{"Authorization": "Bearer «{RANDOM}»"}}'),
    ("assigned-key", f'x = """{{"access_token": "«{RANDOM}»"}}"""'),
    ("assigned-key", f'x = "{{\\"access_token\\": \\"«{RANDOM}»\\"}}"'),
    ("assigned-key", f'url = "https://api.org/?token=«{RANDOM}»&page=2"'),
    ("assigned-key", f"'''>>> get('https://api.org/?oauth_token=«{RANDOM}»')'''"),
    ("assigned-key", 'client_secret = "«hakurei»"'),
    ("assigned-key", 'token = "«1ce1cebb-503e-7043-11aa-7feb8bd4a1ce»"'),
    ("django-secret-key", f"SECRET_KEY = '«{DJANGO}»'"),
    ("django-secret-key", f"SECRET_KEY = os.environ.get('SECRET_KEY') or '«{DJANGO}»'"),
]  # fmt: skip
NOT_FOUND = [
    'password = ""',
    'password = getpass("Password: ")',
    'password = read("hunter2")',
    'password = "<password>"',
    'password = "your-password"',
    'password = "********"',
    'password = "xxxxxxxx"',
    'NOPASSWORD = "no-password-required"',
    f'"""Next page token: {RANDOM}"""',
    'password = "{password}"',
    'password = f"{user}{number}"',
    'password = "%s"',
    'password = "secret-%s" % name',
    'password = "secret-{}".format(name)',
    'password = os.environ["DB_PASSWORD"]',
    'password = os.getenv("DB_PASSWORD")',
    'password = "DB_PASSWORD"',
    'environment("Password", "PGPASSWORD")',
    'PASSWORD = "password"',
    'password_label = "hunter2"',
    'password_file = "/run/secrets/db"',
    'password = "/run/secrets/db"',
    'password = "Enter your password:"',
    'password = "the new password of a user"',
    '("password", "Password")',
    'USER_PASSWORD = "user-password"',
    'bypass = "hunter2"',
    'token = "bearer"',
    'token = "access_token"',
    'token_type = "dGbpoJdqNuMlGDECgO9I"',
    'next_token = "dGbpoJdqNuMlGDECgO9I"',
    'public_key = "dGbpoJdqNuMlGDECgO9I"',
    'key = "hunter2"',
    'key = b"L\\x0c\\x0c\\x0c\\x0c\\x0b\\xc0\\x91"',
    'SECRET_KEY = "change-me"',
    'alphabet_key = "0123456789abcdefghijklmnopqrstuvwxyz"',
    'if password: mode = "hunter2"',
    '"""A password: hunter2"""',
    'resource = "arn:aws:secretsmanager:*:*:secret:AmazonDataZone-*"',
    'x = "password" "hunter2"',
    "get(password=password)  # the password=password of the caller",
]


def found(text: str) -> list[Finding]:
    return [each for _, each in find_assigned_literals(text_batch(pa.array([text])))]


def marked(text: str, findings: list[Finding]) -> str:
    """The text with « and » around what is found."""
    content = text.encode()
    for each in sorted(findings, reverse=True):
        value = content[each.begin : each.end]
        content = content[: each.begin] + "«".encode() + value + "»".encode() + content[each.end :]
    return content.decode()


@pytest.mark.parametrize(("rule", "text"), FOUND)
def test_found_is_the_value_without_its_quotes(rule: str, text: str) -> None:
    plain = text.replace("«", "").replace("»", "")
    findings = found(plain)
    assert marked(plain, findings) == text
    assert [(each.rule, each.confidence) for each in findings] == [(rule, HIGH)]
    assert findings[0].kind == ("password" if rule == "assigned-password" else "key")


@pytest.mark.parametrize("text", NOT_FOUND)
def test_placeholders_names_and_texts_are_not_found(text: str) -> None:
    assert found(text) == []


def test_a_word_as_password_in_a_docstring_is_doubtful() -> None:
    (finding,) = found('"""\n>>> connect(password="pygmalion")\n"""')
    assert finding.confidence == LOW


def test_findings_are_of_the_text_that_holds_them() -> None:
    texts = ["x = 1", "password = 'hunter2'", "", "é = 1; pwd = 'hunter3'"]
    array = pa.array(["token = 'hunter1'", *texts, "pwd = 'hunter4'"])
    pairs = list(find_assigned_literals(text_batch(array.slice(1, len(texts)))))
    values = [(index, texts[index].encode()[f.begin : f.end]) for index, f in pairs]
    assert values == [(1, b"hunter2"), (3, b"hunter3")]
