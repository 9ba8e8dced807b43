"""The client against a real server on this machine: faults, refusals, what servers differ in."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support.completions_server import Endpoint, serving
from transforms.lib.errors import PipelineError, UsageError
from transforms.sample.endpoint.address import Endpoint as Address
from transforms.sample.endpoint.capabilities import Capabilities
from transforms.sample.endpoint.client import Client
from transforms.sample.endpoint.decoding_settings import Settings

SETTINGS = Settings("toy", 0.2, 0.95, 512)
CHAT = replace(SETTINGS, chat=True, system="Be brief.")
FAULTS = [
    "busy", "far", "broken", "dropped", "cut", "short", "none_at_all", "nested", "unloaded",
    "cut_stream",
]  # fmt: skip
TEXT = "    return 0\n\ndef more(): pass"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving(
        Endpoint(lambda body, number: f"    return {number}\n\ndef more(): pass")
    ) as served:
        yield served


def client(endpoint: Endpoint, settings: Settings = SETTINGS, **address: object) -> Client:
    address = Address(endpoint.base, "a-key", **address)
    return Client(address, settings, Capabilities(), lambda seconds: None)


def said_by(asking: Client) -> list[str]:
    return asking.server.messages.news()


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_tried_again(endpoint: Endpoint, fault: str) -> None:
    endpoint.faults = [fault]
    asking = client(endpoint)
    assert [each.text for each in asking.complete("x", (), 1)] == [TEXT]
    assert len(endpoint.requests) == 2
    [line] = said_by(asking)
    assert line.endswith("; trying again, up to 8 times")


@pytest.mark.parametrize("fault", ["slow", "stalled", "dripping"])
def test_no_answer_in_time(endpoint: Endpoint, fault: str) -> None:
    endpoint.faults = [fault] * 2
    line = r"no whole answer within 0\.2 s \(--request-timeout\), 2 times"
    with pytest.raises(PipelineError, match=line):
        client(endpoint, seconds=0.2, tries=2).complete("x", (), 1)


def test_patience_ends_with_the_words_of_the_server(endpoint: Endpoint) -> None:
    endpoint.faults = ["broken"] * 10
    with pytest.raises(PipelineError) as failure:
        client(endpoint, tries=3).complete("x", (), 1)
    line = rf"{endpoint.base}/completions: status 500: 'out of \x1b[2J memory', 3 times"
    assert str(failure.value) == line
    assert len(endpoint.requests) == 3


@pytest.mark.parametrize(
    ("fault", "settings", "error", "line"),
    [
        ("poor", SETTINGS, PipelineError, "status 429: 'You exceeded your current quota'"),
        ("chat_model", SETTINGS, UsageError, "; --chat samples a chat model"),
        ("own_shape", SETTINGS, UsageError, "OPENAI_BASE_URL lacks its /v1?"),
        ("refused", CHAT, UsageError, "/v1/chat/completions: status 401: 'no such key'"),
        ("too_long", SETTINGS, PipelineError, "status 400: 'prompt too long'"),
    ],
)
def test_no_other_try_where_none_can_succeed(
    endpoint: Endpoint, fault: str, settings: Settings, error: type, line: str
) -> None:
    endpoint.faults = [fault]
    with pytest.raises(error) as failure:
        client(endpoint, settings).complete("x", (), 1)
    assert line in str(failure.value)
    assert len(endpoint.requests) == 1


def test_a_chat(endpoint: Endpoint) -> None:
    endpoint.habits = {"thinks"}
    settings = replace(CHAT, reasoning_effort="low", logprobs=True, body={"top_p": None, "k": [1]})
    [drawn] = client(endpoint, settings).complete("Add.", (), 1, 7)
    assert endpoint.requests == [
        {
            "model": "toy",
            "temperature": 0.2,
            "max_tokens": 512,
            "seed": 7,
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Add."},
            ],
            "reasoning_effort": "low",
            "logprobs": True,
            "k": [1],
        }
    ]
    assert endpoint.paths == {"/v1/chat/completions"}
    assert (drawn.text, drawn.reasoning, drawn.seed) == (TEXT, "thought 0", 7)
    assert drawn.logprobs.values == (-0.5,) * 8


@pytest.mark.parametrize("settings", [SETTINGS, CHAT], ids=["completions", "chat"])
@pytest.mark.parametrize("habit", ["streams", "only_streams"])
def test_servers_that_stream(endpoint: Endpoint, habit: str, settings: Settings) -> None:
    whole = client(endpoint, replace(settings, logprobs=True)).complete("x", ("\n\ndef",), 3)
    endpoint.habits = {habit}
    streamed = client(endpoint, replace(settings, logprobs=True)).complete("x", ("\n\ndef",), 3)
    # One at a time where a stream is asked for.
    assert streamed == (whole if habit == "streams" else whole[:1])
    assert [each.text for each in whole] == [f"    return {number}" for number in range(3)]


def test_a_stream_that_mixes_its_choices(endpoint: Endpoint) -> None:
    endpoint.habits = {"streams", "mixes"}
    asking = client(endpoint)
    assert [each.text for each in asking.complete("x", (), 3)] == [TEXT]
    assert [request.get("n", 1) for request in endpoint.requests] == [3, 1]
    [line] = said_by(asking)
    assert line.endswith("one completion is asked for at a time")


@pytest.mark.parametrize(
    ("habit", "told", "requests"),
    [
        ("slots", "refuses n=10: fewer completions", [10, 5, 2]),
        ("no_seed", "refuses seed: samples are drawn without", [10, 10]),
        ("new_tokens_field", "refuses max_tokens: max_completion_tokens is sent", [10, 10]),
    ],
)
def test_what_a_server_refuses_is_left_out(
    endpoint: Endpoint, habit: str, told: str, requests: list[int]
) -> None:
    endpoint.habits = {habit}
    asking = client(endpoint)
    drawn = asking.complete("x", (), 10, 1)
    assert [request.get("n", 1) for request in endpoint.requests] == requests
    assert len(drawn) == requests[-1]
    assert asking.complete("x", (), 2, 1) and len(endpoint.requests) == len(requests) + 1
    [line] = said_by(asking)
    assert told in line
    assert (drawn[0].seed is None) == (habit == "no_seed")


@pytest.mark.parametrize("habit", ["llama", "null", "nan", "id", "odd"])
def test_log_probabilities_are_no_reason_to_ask_again(endpoint: Endpoint, habit: str) -> None:
    endpoint.habits = {habit if habit == "llama" else f"{habit}_logprobs"}
    [drawn] = client(endpoint, replace(SETTINGS, logprobs=True)).complete("x", ("\n\ndef",), 1)
    assert len(endpoint.requests) == 1
    assert drawn.text == "    return 0"
    values = {"llama": (-0.5,) * 3, "nan": (-0.5, None, None)}.get(habit)
    assert drawn.logprobs.values == values
    assert bool(drawn.logprobs.fault) == (habit != "llama")


@pytest.mark.parametrize("value", [None, False])
def test_a_field_that_the_user_insists_on(endpoint: Endpoint, value: object) -> None:
    endpoint.habits = {"only_streams"}
    with pytest.raises(PipelineError, match="status 400: 'This model only supports stream=true'"):
        client(endpoint, replace(SETTINGS, body={"stream": value})).complete("x", (), 1)
    assert len(endpoint.requests) == 1


def test_a_field_that_is_refused_can_be_left_out(endpoint: Endpoint) -> None:
    endpoint.habits = {"no_temperature"}
    with pytest.raises(PipelineError, match=r"""; --body '{"temperature": null}' leaves"""):
        client(endpoint, CHAT).complete("x", (), 1)
    settings = replace(CHAT, body={"temperature": None})
    assert client(endpoint, settings).complete("x", (), 1)


def test_a_refused_connection_is_named() -> None:
    with pytest.raises(PipelineError, match=r"ConnectionError \(Connection refused\), 1 times"):
        Client(Address("http://127.0.0.1:9/v1", tries=1), SETTINGS).complete("x", (), 1)
