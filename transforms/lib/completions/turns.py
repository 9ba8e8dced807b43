"""What of a model's raw text is its answer: one turn, without reasoning and special tokens."""

import re

AFTER_REASONING = "after </think>"  # the evidence that reasoning stood before the answer

# Tokens that servers and scripts leave in texts. Most models have these or near relatives of them:
# GPT-2, ChatML (Qwen), Llama 2 and 3, Gemma, DeepSeek, StarCoder, Phi, gpt-oss.
END_TOKENS = (
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end_of_turn|>",
    "<end_of_turn>",
    "<|EOT|>",
    "<|end|>",
    "<|return|>",
    "<|file_separator|>",
    "<|file_sep|>",
    "<file_sep>",
    "<|fim_pad|>",
    "<|user|>",
    "<|end▁of▁sentence|>",
    "<｜end▁of▁sentence｜>",
    "<eos>",
    "</s>",
    "[/INST]",
)
BEGIN = re.compile(
    r"\s*(?:<s>|<bos>|<\|begin_of_text\|>|<｜begin▁of▁sentence｜>|<\|endoftext\|>"
    r"|<\|im_start\|>\s*assistant\b|<\|assistant\|>|<start_of_turn>\s*model\b"
    r"|<\|start_header_id\|>\s*assistant\s*<\|end_header_id\|>)"
)
# Programs name such tokens too, in quotes; but a fence may follow one.
BEFORE, AFTER = "(?<![\"'`])", "(?![\"']|`(?!``))"
END = re.compile(rf"{BEFORE}(?:{'|'.join(map(re.escape, END_TOKENS))}){AFTER}")
COLOUR = re.compile(r"\x1b\[[\d;]{0,20}m")  # of a terminal's output

TAGS = "think|thinking|thought|thoughts|reasoning|seed:think"
REASONING_BEGINS = re.compile(rf"^[ \t]*(?:<(?:{TAGS})>|\[THINK\]|◁think▷)", re.MULTILINE)
REASONING_ENDS = re.compile(rf"{BEFORE}(?:</(?:{TAGS})>|\[/THINK\]|◁/think▷){AFTER}")
# gpt-oss writes its turns into channels, of which `final` is for the user.
FINAL_CHANNEL = "<|channel|>final<|message|>"
OTHER_CHANNEL = re.compile(r"\s*(?:<\|start\|>assistant)?<\|channel\|>")


def own_turn(text: str) -> str:
    r"""The text before the first special token that ends a turn, without those that begin one.

    Line breaks become `\n`.

    >>> own_turn("<s>\r\n    return x</s>\nprint(1)")
    '\n    return x'
    """
    text = COLOUR.sub("", text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff"))
    text = _final_channel(text)
    at = 0
    while begin := BEGIN.match(text, at):
        at = begin.end()
    end = END.search(text, at)
    return text[at : end.start()] if end else text[at:]


def _final_channel(text: str) -> str:
    _, found, final = text.rpartition(FINAL_CHANNEL)
    if found:
        return final
    return "" if OTHER_CHANNEL.match(text) else text


def after_reasoning(text: str) -> tuple[str, bool]:
    """The text after the last end of reasoning, and whether there was one.

    Reasoning that does not end is left out up to the end of the text.

    >>> after_reasoning("<think>a draft</think>the answer")
    ('the answer', True)
    >>> after_reasoning("<think>a draft")
    ('', False)
    """
    ends = list(REASONING_ENDS.finditer(text))
    rest = text[ends[-1].end() :] if ends else text
    begin = REASONING_BEGINS.search(rest)
    return rest[: begin.start()] if begin else rest, bool(ends)
