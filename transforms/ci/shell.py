"""Scripts of CI configurations as simple commands, as far as they can be known without a shell.

Conditions on known variables are decided, variables replaced, `cd` and `export` followed. What only
a shell can know (loops, pipes, substitutions of commands) raises NotSimple.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from transforms.ci.recipe import ROOT, TEMPORARY

MAX_TOKENS = 20_000  # of one script
MAX_TEXT = 50_000  # characters of a word
OPERATORS = {";", "&&", "||", "\n", ";;", "|", "&", "(", ")", "|&"}
KEYWORDS = {"if", "then", "elif", "else", "fi"}
MOST_LOOPS = 20  # of a loop over words
LOOPS = {"while", "until", "case", "select", "function", "{", "}", "esac", "do", "done"}
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.ASCII)
QUOTED_DOLLAR = "\ue002"  # in double quotes: what stands for a variable is not cut into words
VARIABLE = re.compile(
    rf"[${QUOTED_DOLLAR}](?:(?P<name>[A-Za-z_]\w*)"
    r"|\{(?P<braced>[A-Za-z_]\w*)(?P<operator>:?[-+]|//?|##?|%%?|:)?(?P<operand>[^}]*)\})"
)
# Substitutions of commands that need no command: `$(pwd)`, and a text without some characters.
SUBSTITUTION = re.compile(
    rf"[${QUOTED_DOLLAR}]\(\s*(?:(?P<pwd>pwd)|(?:echo|printf)\s+(?P<text>[^|()]*?)"
    r"(?:\|\s*(?:tr\s+-d\s+(?P<without>\S+)|sed\s+(?:-e\s+)?s/(?P<old>[^/]*)/(?P<new>[^/]*)/g?))?)\s*\)"
)
# In single quotes and after a backslash a `$` or a backtick stands for itself: these stand for it
# until variables are replaced. They are characters that no script has.
LITERAL = {"$": "\ue000", "`": "\ue001"}
TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|\\\r?\n)|(?P<comment>\#[^\n]*)
    |(?P<operator>\n|;;|&&|\|\||\|&|[0-9]*[<>]+&?|&>|[;|&()])
    |(?P<word>(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|\$\([^()]*\)|\$\{[^}]*\}|`[^`]*`|[^\s;|&()<>'"`\\])+)""",
    re.VERBOSE | re.DOTALL,
)
PIECE = re.compile(r"""\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)\"""", re.DOTALL)


class NotSimple(Exception):
    """Only a shell can run this script."""


@dataclass(frozen=True)
class ShellCommand:
    """A simple command: its words, the variables set for it, and the folder it is run in.

    A substitution of a command (`$(…)`) is a part of its word as it stands.
    """

    words: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "."
    may_fail: bool = False


class Shell:
    """What a shell keeps from one script to the next: variables, exported ones and the folder.

    `exists` says whether a path of the project is there.

    >>> shell = Shell({"A": "1"}, bool)
    >>> [command.words for command in shell.run("if [ $A = 1 ]; then cd x && make; fi")]
    [('make',)]
    >>> shell.cwd
    'x'
    """

    def __init__(
        self, env: Mapping[str, str], exists: Callable[[str], bool], cwd: str = "."
    ) -> None:
        self.env, self.exists, self.cwd = dict(env), exists, cwd
        self.exported: dict[str, str] = {}

    def run(self, script: str) -> list[ShellCommand]:
        """The commands that a script runs, in order; raises NotSimple."""
        try:
            return _ScriptRun(_tokens(script), self).run()
        except RecursionError as error:
            raise NotSimple("nested too deeply") from error


def _tokens(script: str) -> list[str]:
    """The words, without their quotes, and operators of a script; a line end is an operator."""
    tokens, at = [], 0
    while at < len(script):
        match = TOKEN.match(script, at)
        if match is None:
            raise NotSimple("a quote without its end")
        at = match.end()
        if match["operator"]:
            tokens.append(match["operator"])
        elif match["word"]:
            tokens.append(PIECE.sub(_unquoted, match["word"]))
        if len(tokens) > MAX_TOKENS:
            raise NotSimple("too long")
    return tokens


def _unquoted(piece: re.Match) -> str:
    escaped, single, double = piece.groups()
    if double is not None:
        quoted = re.sub(r"\\([$`\"\\\n])", lambda match: _literal(match[1]), double)
        return quoted.replace("$", QUOTED_DOLLAR)
    return _literal(escaped if single is None else single)


def _literal(text: str) -> str:
    for character, stand_in in LITERAL.items():
        text = text.replace(character, stand_in)
    return text


class _ScriptRun:
    """Reads tokens by recursive descent, and keeps what the script would have changed."""

    def __init__(self, tokens: list[str], shell: Shell) -> None:
        self._tokens, self._at, self._shell = tokens, 0, shell
        self._commands: list[ShellCommand] = []

    def run(self) -> list[ShellCommand]:
        self._list(run=True, until=frozenset())
        if self._peek() is not None:
            raise NotSimple(f"unexpected {self._peek()!r}")
        return self._commands

    def _peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> str:
        if self._at == len(self._tokens):
            raise NotSimple("unexpected end")
        self._at += 1
        return self._tokens[self._at - 1]

    def _list(self, run: bool, until: frozenset[str]) -> None:
        """Commands up to a keyword of `until`, which is not read."""
        while (token := self._peek()) is not None and token not in until:
            if token in (";", "\n"):
                self._at += 1
                continue
            self._and_or(run)

    def _and_or(self, run: bool) -> None:
        """Commands with `&&` and `||` between them; what is not known is taken to succeed."""
        status = self._command(run)
        while (operator := self._peek()) in ("&&", "||"):
            self._at += 1
            while self._peek() == "\n":
                self._at += 1
            wanted = status is not False if operator == "&&" else status is False
            if operator == "||" and status is None and self._commands and run:
                last = self._commands[-1]
                self._commands[-1] = ShellCommand(last.words, last.env, last.cwd, may_fail=True)
            following = self._command(run and wanted)
            status = following if wanted else status
        if operator not in (None, ";", "\n") and operator not in KEYWORDS:
            raise NotSimple(f"{operator} in a script")

    def _command(self, run: bool) -> bool | None:
        """One command; its status if it is a condition that is known here."""
        token = self._peek()
        if token == "if":
            self._if(run)
            return None
        if token == "for":
            self._for(run)
            return None
        if token in LOOPS or token == "(":
            raise NotSimple(f"{token} in a script")
        words = self._words()
        if not words:
            raise NotSimple("a command without words")
        negated = words[0] == "!"
        words = words[negated:]
        env = {}
        while words and ASSIGNMENT.match(words[0]):
            name, _, value = words.pop(0).partition("=")
            env[name] = self._expanded(value) if run else ""
        if not words:
            self._shell.env.update(env if run else {})
            return None
        if words[0] in ("[", "[[", "test"):
            status = self._condition(words) if run else None
            return status if status is None or not negated else not status
        return self._simple(list(self._split_words(words)), env) if run else None

    def _words(self) -> list[str]:
        words: list[str] = []
        depth = 0  # inside [[ … ]] operators are words
        while (token := self._peek()) is not None:
            if not depth and token in OPERATORS:
                break
            self._at += 1
            if token.strip("0123456789&")[:1] in ("<", ">") and not depth:
                self._next()  # the file that is read or written
                continue
            depth += (token == "[[") - (token == "]]")
            words.append(token)
        return words

    def _if(self, run: bool) -> None:
        self._next()
        taken = False
        while True:
            status = self._test(run and not taken)
            if self._next() != "then":
                raise NotSimple("if without then")
            if run and not taken and status is None:
                raise NotSimple("a condition that only a shell can decide")
            self._list(run and not taken and bool(status), frozenset({"elif", "else", "fi"}))
            taken = taken or bool(status)
            token = self._next()
            if token == "fi":
                return
            if token == "else":
                self._list(run and not taken, frozenset({"fi"}))
                self._next()
                return

    def _for(self, run: bool) -> None:
        """A loop over words that are written down, as often as there are words."""
        self._next()
        name, joins = self._next(), self._next()
        values = [word for word in self._split_words(self._words())] if joins == "in" else []
        if not values or len(values) > MOST_LOOPS or any(set("*?[$`") & set(v) for v in values):
            raise NotSimple("for in a script")
        while self._peek() in (";", "\n"):
            self._at += 1
        if self._next() != "do":
            raise NotSimple("for without do")
        begin = self._at
        for value in values if run else values[:1]:
            self._at = begin
            self._shell.env[name] = value
            self._list(run, frozenset({"done"}))
        self._next()

    def _test(self, run: bool) -> bool | None:
        """The condition of an `if`: one or more tests, with `&&` and `||` between them."""
        status = self._command(run)
        while (operator := self._peek()) in ("&&", "||", ";", "\n"):
            self._at += 1
            if operator in (";", "\n"):
                if self._peek() == "then":
                    break
                continue
            other = self._command(run)
            if status is None or other is None:
                status = None
            else:
                status = (status and other) if operator == "&&" else (status or other)
        return status

    def _simple(self, words: list[str], env: dict[str, str]) -> bool | None:
        match words:
            case ["cd" | "pushd", place] | ["cd", "--", place]:
                self._shell.cwd = self._place(place)
            case ["cd"]:
                pass  # to the home folder, which has nothing of the project
            case ["export" | "declare" | "set" | "unset", *assigned]:
                for word in assigned if words[0] == "export" else ():
                    name, equals, value = word.partition("=")
                    value = value if equals else self._shell.env.get(name, "")
                    self._shell.env[name] = self._shell.exported[name] = value
            case ["true" | ":" | "echo" | "printf", *_]:
                return True
            case ["false"]:
                return False
            case ["exit" | "return", *_]:
                raise NotSimple("exit in a script")
            case _:
                self._commands.append(
                    ShellCommand(tuple(words), self._shell.exported | env, self._shell.cwd)
                )
        return None

    def _place(self, path: str) -> str:
        """A folder of the tree, relative to its top; one outside of it as it is."""
        if path.startswith(ROOT):
            return posixpath.normpath(path.removeprefix(ROOT).lstrip("/") or ".")
        place = posixpath.normpath(posixpath.join(self._shell.cwd, path))
        is_outside = place.startswith(("/", "..", TEMPORARY)) or "$(" in place
        return TEMPORARY if is_outside else place

    def _split_words(self, words: list[str]) -> Iterator[str]:
        """The words with their variables replaced: a value without quotes may be several words."""
        for word in words:
            expanded = self._expanded(word)
            yield from expanded.split() if "$" in word and "$(" not in word else [expanded]

    def _expanded(self, word: str) -> str:
        text = VARIABLE.sub(self._value, SUBSTITUTION.sub(self._substituted, word))
        if len(text) > MAX_TEXT:
            raise NotSimple("a word without end")
        for character, stand_in in (*LITERAL.items(), ("$", QUOTED_DOLLAR)):
            text = text.replace(stand_in, character)
        return text

    def _value(self, match: re.Match) -> str:
        name = match["name"] or match["braced"]
        if name == "PWD" and name not in self._shell.env:
            return posixpath.normpath(posixpath.join(ROOT, self._shell.cwd))
        value = self._shell.env.get(name) or ""
        operator, operand = match["operator"], match["operand"] or ""
        if operator is None:
            return value
        return _operated(value, operator, VARIABLE.sub(self._value, operand))

    def _substituted(self, match: re.Match) -> str:
        """What a command gives that is put in its place."""
        if match["pwd"]:
            return posixpath.normpath(posixpath.join(ROOT, self._shell.cwd))
        text = VARIABLE.sub(self._value, match["text"]).strip()
        if match["without"]:
            return "".join(each for each in text if each not in match["without"])
        old = (match["old"] or "").replace("\\", "")
        return text.replace(old, match["new"]) if old else text

    def _condition(self, words: Sequence[str]) -> bool | None:
        """The value of a test such as `[[ $A == 1 ]]`; None if only a shell knows."""
        if any("`" in word or "$(" in word or f"{QUOTED_DOLLAR}(" in word for word in words):
            return None
        inner = [self._expanded(word) for word in words[1:] if word not in ("]", "]]")]
        return _Condition(inner, self._shell.exists, self._shell.cwd).value()


class _Condition:
    """The words of a test, read from left to right."""

    def __init__(self, words: list[str], exists: Callable[[str], bool], cwd: str) -> None:
        self._words, self._exists, self._cwd = words, exists, cwd

    def value(self) -> bool | None:
        for operator, combine in (("||", any), ("-o", any), ("&&", all), ("-a", all)):
            if operator in self._words:
                parts = list(self._split(operator))
                values = [_Condition(part, self._exists, self._cwd).value() for part in parts]
                return None if None in values else combine(values)
        return self._single(self._words)

    def _split(self, operator: str) -> Iterator[list[str]]:
        part: list[str] = []
        for word in self._words:
            if word == operator:
                yield part
                part = []
            else:
                part.append(word)
        yield part

    def _single(self, words: list[str]) -> bool | None:
        match words:
            case ["!", *rest]:
                value = self._single(rest)
                return None if value is None else not value
            case ["-z"] | ["-n"]:
                return words[0] == "-z"
            case ["-z", word]:
                return not word
            case ["-n", word]:
                return bool(word)
            case ["-f" | "-e" | "-d" | "-r" | "-s", path]:
                return self._exists(posixpath.normpath(posixpath.join(self._cwd, path)))
            case [left, "=" | "==", right]:
                return _matches(left, right)
            case [left, "!=", right]:
                return not _matches(left, right)
            case [left, "=~", right]:
                return None
            case ["=" | "==", right]:
                return _matches("", right)
            case [left, "=" | "=="]:
                return not left
            case [left, "!="]:
                return bool(left)
            case ["!=", right]:
                return not _matches("", right)
            case [left, "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" as operator, right]:
                return _compared(left, operator, right)
            case [word]:
                return bool(word)
        return False if not words else None


def _operated(value: str, operator: str, operand: str) -> str:
    """What `${NAME//old/new}` and the like give.

    >>> [_operated("3.10", *each) for each in (("//", "./"), ("%", ".*"), (":", "0:1"))]
    ['310', '3', '3']
    """
    match operator:
        case "-" | ":-":
            return value or operand
        case "+" | ":+":
            return operand if value else ""
        case "/" | "//":
            old, _, new = operand.partition("/")
            return value.replace(old, new, -1 if operator == "//" else 1) if old else value
        case "#" | "##":
            lengths = range(len(value) + 1)
            lengths = lengths if operator == "#" else lengths[::-1]
            return next((value[n:] for n in lengths if _matches(value[:n], operand)), value)
        case "%" | "%%":
            lengths = range(len(value), -1, -1)
            lengths = lengths if operator == "%" else lengths[::-1]
            return next((value[:n] for n in lengths if _matches(value[n:], operand)), value)
    numbers = [int(each) for each in re.findall(r"-?\d+", operand)[:2]]
    begin = numbers[0] if numbers else 0
    return value[begin:] if len(numbers) < 2 else value[begin:][: numbers[1]]


def _matches(text: str, pattern: str) -> bool:
    """Whether a text matches a pattern of the shell, in which `*` stands for anything.

    >>> [_matches("3.8-dev", each) for each in ("3.*", "*dev", "3.?-*", "*-*-*", "3.8")]
    [True, True, True, False, False]
    """
    first, *others = pattern.split("*")
    if not others:
        return len(text) == len(pattern) and _at(text, pattern, 0)
    last, end = others.pop(), len(text)
    if (
        not _at(text, first, 0)
        or len(first) + len(last) > end
        or not _at(text, last, end - len(last))
    ):
        return False
    place, end = len(first), end - len(last)
    for part in others:
        found = (at for at in range(place, end - len(part) + 1) if _at(text, part, at))
        at = next(found, None)
        if at is None:
            return False
        place = at + len(part)
    return True


def _at(text: str, part: str, place: int) -> bool:
    """Whether a part of a pattern, without `*`, stands at a place of a text."""
    if "?" not in part:
        return text.startswith(part, place)
    piece = text[place : place + len(part)]
    pairs = zip(piece, part, strict=False)
    return len(piece) == len(part) and all(wanted in ("?", each) for each, wanted in pairs)


def _compared(left: str, operator: str, right: str) -> bool | None:
    try:
        difference = int(left) - int(right)
    except ValueError:
        return None
    return {
        "-eq": difference == 0,
        "-ne": difference != 0,
        "-lt": difference < 0,
        "-le": difference <= 0,
        "-gt": difference > 0,
        "-ge": difference >= 0,
    }[operator]
