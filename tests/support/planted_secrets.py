"""Invented secrets of many formats, and statements of Python that hold them.

The values are random, with the checksums that their formats have; none was ever given out.
"""

import ast
import base64
import json
import random
import re
import string
import textwrap
import zlib
from collections.abc import Callable
from dataclasses import dataclass

ALNUM = string.ascii_letters + string.digits
URL_SAFE = ALNUM + "-_"
BASE64 = ALNUM + "+/"
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits
PASSWORD = ALNUM + "!#$%&*+-=?@^_"

# A statement, with `{}` for the secret.
GENERIC = (
    'API_KEY = "{}"',
    "client = Client(api_key='{}', timeout=3)",
    'os.environ["SERVICE_TOKEN"] = "{}"',
    'config = {{"token": "{}", "retries": 3}}',
    "# old token: {}",
    'headers = {{"Authorization": "Bearer {}"}}',
    'auth_token = os.getenv("AUTH_TOKEN", "{}")',
)
PASSWORDS = (
    'password = "{}"',
    "connect(host, user='admin', password='{}')",
    'config = {{"user": "admin", "password": "{}"}}',
    'DB_PASSWORD = "{}"',
    'os.environ["DB_PASSWORD"] = "{}"',
    "self.password = '{}'",
)
URIS = (
    'DATABASE_URL = "postgres://app:{}@db1.prod.corp-net.io:5432/app"',
    "engine = create_engine('mysql+pymysql://root:{}@10.1.2.3/shop')",
    'client = MongoClient("mongodb://svc:{}@mongo-7.corp-net.io/admin")',
    'broker_url = "amqp://worker:{}@mq.corp-net.io:5672//"',
    'CACHE = redis.from_url("redis://:{}@10.4.0.7:6379/0")',
)
BLOCKS = ('PRIVATE_KEY = """{}"""', "key = load_key(b'''{}''', None)")


@dataclass(frozen=True)
class SecretFormat:
    """How secrets of one kind look: `make` makes one, `statements` hold it."""

    name: str
    make: Callable[[random.Random], str]
    statements: tuple[str, ...] = GENERIC


def planted(
    source: str, secret_format: SecretFormat, chance: random.Random
) -> tuple[str, int, int]:
    """The source with a statement that holds a new secret, and the secret's begin and end in bytes.

    The source must parse; the result does, too.
    """
    secret = secret_format.make(chance)
    statement = chance.choice(secret_format.statements).format("\0")
    lines = source.splitlines(keepends=True)
    at = chance.choice(_places(source))
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    before, after = (indent + statement + "\n").split("\0")
    head = "".join(lines[:at]) + before
    text = head + secret + after + "".join(lines[at:])
    ast.parse(text)
    begin = len(head.encode())
    return text, begin, begin + len(secret.encode())


def holds_statements(source: str) -> bool:
    """Whether a secret can be planted in the source."""
    try:
        return bool(_places(source))
    except (SyntaxError, ValueError):
        return False


def _places(source: str) -> list[int]:
    """Numbers of lines, from 0, before which a statement may stand."""
    lines = source.splitlines(keepends=True)
    if len(lines) != len(re.findall(r"[^\n]*\n|[^\n]+", source)):
        return []  # it has line breaks that Python does not count
    bodies = [getattr(node, "body", None) for node in ast.walk(ast.parse(source))]
    statements = [each for body in bodies if isinstance(body, list) for each in body]
    return [
        node.lineno - 1
        for node in statements
        if not getattr(node, "decorator_list", None)
        and not lines[node.lineno - 1].encode()[: node.col_offset].strip()
        and not _is_first(node)
    ]


def _is_first(node: ast.stmt) -> bool:
    """Whether it must stand first: a docstring, or an import from the future."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or (isinstance(node, ast.ImportFrom) and node.module == "__future__")


def _of(alphabet: str, count: int) -> Callable[[random.Random], str]:
    return lambda chance: "".join(chance.choices(alphabet, k=count))


def _form(template: str, **parts: Callable[[random.Random], str]) -> Callable:
    return lambda chance: template.format(**{name: make(chance) for name, make in parts.items()})


def _checked(prefix: str, count: int = 30) -> Callable[[random.Random], str]:
    """Tokens of GitHub and npm end with six digits of base 62 of their CRC-32."""

    def make(chance: random.Random) -> str:
        body = _of(ALNUM, count)(chance)
        return prefix + body + _base62(zlib.crc32(body.encode()))

    return make


def _base62(number: int) -> str:
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    found = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        found = digits[digit] + found
    return found


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _jwt(chance: random.Random) -> str:
    claims = {"sub": str(chance.randrange(10**9)), "name": "Ann Lee", "iat": 1700000000}
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    head, body = (_url64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return f"{head}.{body}.{_url64(chance.randbytes(32))}"


def _pem_body(head: bytes, size: int) -> Callable[[random.Random], str]:
    """Lines of base64 as between the first and the last line of a key in PEM."""

    def make(chance: random.Random) -> str:
        return "\n".join(
            textwrap.wrap(base64.b64encode(head + chance.randbytes(size)).decode(), 64)
        )

    return make


def _pem_statements(label: str, newline: str, *statements: str) -> tuple[str, ...]:
    """The statements with the first and the last line of a key in PEM around the secret."""
    around = f"-----BEGIN {label}-----{newline}{{}}{newline}-----END {label}-----"
    return tuple(statement.replace("{}", around) for statement in statements)


def _one_line(make: Callable[[random.Random], str]) -> Callable[[random.Random], str]:
    return lambda chance: make(chance).replace("\n", "\\n")


def _discord(chance: random.Random) -> str:
    account = _url64(str(chance.randrange(10**17, 10**18)).encode())
    return f"{account}.{_of(URL_SAFE, 6)(chance)}.{_of(URL_SAFE, 38)(chance)}"


def _pypi(chance: random.Random) -> str:
    head = bytes([2, 1, 8]) + b"pypi.org" + bytes([2, 36])
    return "pypi-" + _url64(head + chance.randbytes(140))


def _uuid(chance: random.Random) -> str:
    text = _of(HEX, 32)(chance)
    return "-".join((text[:8], text[8:12], "4" + text[13:16], "a" + text[17:20], text[20:]))


def _password(chance: random.Random) -> str:
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!#$*+-=?^_")
    letters = [chance.choice(kind) for kind in kinds] + chance.choices(PASSWORD, k=8)
    chance.shuffle(letters)
    return "".join(letters)


RSA_HEAD = bytes.fromhex("308204a30201000282010100")
OPENSSH_HEAD = (
    b"openssh-key-v1\0\0\0\0\4none\0\0\0\4none\0\0\0\0\0\0\0\1\0\0\0\x33\0\0\0\x0bssh-ed25519"
)
PKCS8_HEAD = bytes.fromhex("308204be020100300d06092a864886f7")
RSA, OPENSSH = "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY"

FORMATS = (
    SecretFormat("AWS access key", _form("AKIA{x}", x=_of(string.ascii_uppercase + "234567", 16))),
    SecretFormat(
        "AWS secret key",
        _of(BASE64, 40),
        (
            'aws_secret_access_key = "{}"',
            'boto3.client("s3", aws_access_key_id=key, aws_secret_access_key="{}")',
            'AWS_SECRET_KEY = "{}"',
        ),
    ),
    SecretFormat("GitHub classic", _checked("ghp_")),
    SecretFormat(
        "GitHub fine-grained", _form("github_pat_{a}_{b}", a=_of(ALNUM, 22), b=_of(ALNUM, 59))
    ),
    SecretFormat("GitHub OAuth", _checked("gho_")),
    SecretFormat("GitLab", _form("glpat-{x}", x=_of(URL_SAFE, 20))),
    SecretFormat(
        "Slack bot",
        _form(
            "xoxb-{a}-{b}-{c}",
            a=_of(string.digits, 12),
            b=_of(string.digits, 13),
            c=_of(ALNUM, 24),
        ),
    ),
    SecretFormat(
        "Slack webhook",
        _form(
            "https://hooks.slack.com/services/T{a}/B{b}/{c}",
            a=_of(UPPER, 10),
            b=_of(UPPER, 10),
            c=_of(ALNUM, 24),
        ),
        ('WEBHOOK = "{}"', "requests.post('{}', json=payload)", "# posts to {}"),
    ),
    SecretFormat("Stripe", _form("sk_live_{x}", x=_of(ALNUM, 24))),
    SecretFormat("Stripe, long", _form("sk_live_51{x}", x=_of(ALNUM, 97))),
    SecretFormat("OpenAI, old", _form("sk-{a}T3BlbkFJ{b}", a=_of(ALNUM, 20), b=_of(ALNUM, 20))),
    SecretFormat(
        "OpenAI, project",
        _form("sk-proj-{a}T3BlbkFJ{b}", a=_of(URL_SAFE, 74), b=_of(URL_SAFE, 74)),
    ),
    SecretFormat("Anthropic", _form("sk-ant-api03-{x}AA", x=_of(URL_SAFE, 93))),
    SecretFormat("Google API", _form("AIza{x}", x=_of(URL_SAFE, 35))),
    SecretFormat(
        "GCP service account key",
        _one_line(_pem_body(PKCS8_HEAD, 1200)),
        _pem_statements(
            "PRIVATE KEY",
            "\\n",
            'INFO = {{"type": "service_account", "project_id": "p1", "private_key": "{}\\n"}}',
            'private_key = "{}\\n"',
        ),
    ),
    SecretFormat(
        "Azure storage",
        _form("{x}==", x=_of(BASE64, 86)),
        (
            'CONNECTION = "DefaultEndpointsProtocol=https;AccountName=store1;AccountKey={};"',
            'account_key = "{}"',
            'AZURE_STORAGE_KEY = "{}"',
        ),
    ),
    SecretFormat("SendGrid", _form("SG.{a}.{b}", a=_of(URL_SAFE, 22), b=_of(URL_SAFE, 43))),
    SecretFormat("Twilio", _form("SK{x}", x=_of(HEX, 32))),
    SecretFormat("Mailgun", _form("key-{x}", x=_of(HEX, 32)), ('MAILGUN_API_KEY = "{}"',)),
    SecretFormat("npm", _checked("npm_")),
    SecretFormat("PyPI", _pypi),
    SecretFormat("Docker Hub", _form("dckr_pat_{x}", x=_of(URL_SAFE, 27))),
    SecretFormat("Hugging Face", _form("hf_{x}", x=_of(string.ascii_letters, 34))),
    SecretFormat(
        "Telegram",
        _form("{a}:AA{b}", a=_of("123456789", 10), b=_of(URL_SAFE, 33)),
        (
            'TELEGRAM_TOKEN = "{}"',
            'bot = telebot.TeleBot("{}")',
            "updater = Updater(token='{}')",
            'url = "https://api.telegram.org/bot{}/sendMessage"',
        ),
    ),
    SecretFormat(
        "Discord",
        _discord,
        ('DISCORD_TOKEN = "{}"', "client.run('{}')", 'token = "{}"  # discord'),
    ),
    SecretFormat("Heroku", _form("HRKU-AA{x}", x=_of(URL_SAFE, 58))),
    SecretFormat("Heroku, old", _uuid, ('HEROKU_API_KEY = "{}"', "heroku_token = '{}'")),
    SecretFormat("DigitalOcean", _form("dop_v1_{x}", x=_of(HEX, 64))),
    SecretFormat("Shopify", _form("shpat_{x}", x=_of(HEX, 32))),
    SecretFormat("Square", _form("sq0atp-{x}", x=_of(URL_SAFE, 22))),
    SecretFormat("Databricks", _form("dapi{x}", x=_of(HEX, 32))),
    SecretFormat("JWT", _jwt),
    SecretFormat("PEM RSA", _pem_body(RSA_HEAD, 1180), _pem_statements(RSA, "\n", *BLOCKS)),
    SecretFormat(
        "PEM RSA in one line",
        _one_line(_pem_body(RSA_HEAD, 1180)),
        _pem_statements(RSA, "\\n", 'KEY = "{}"', "key = b'{}'"),
    ),
    SecretFormat(
        "OPENSSH key", _pem_body(OPENSSH_HEAD, 330), _pem_statements(OPENSSH, "\n", *BLOCKS)
    ),
    SecretFormat("connection URI", _of(ALNUM, 14), URIS),
    SecretFormat(
        "Django SECRET_KEY",
        _of(string.ascii_lowercase + string.digits + "!@#$%^&*(-_=+)", 50),
        ('SECRET_KEY = "{}"', "SECRET_KEY = os.environ.get('SECRET_KEY', '{}')"),
    ),
    SecretFormat("password", _password, PASSWORDS),
)
