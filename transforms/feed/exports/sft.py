"""`sft`: functions and problems to fine-tune on, as prompt and completion and as conversation."""

import pyarrow as pa
import pyarrow.compute as pc

from schemas.exports import EXPORTS_SFT
from transforms.feed.exports.conversation import fenced, instruction, message

SAME = ("prompt", "completion", "source", "repo", "path", "licence_spdx")


def sft_rows(examples: pa.Table) -> pa.Table:
    """The rows of `exports/sft` for those examples that are functions or problems."""
    rows = examples.filter(pc.is_in(examples["source"], pa.array(["functions", "problems"])))
    columns = {name: rows[name] for name in SAME}
    texts = (rows[name].to_pylist() for name in ("kind", "prompt", "completion"))
    chats = [_conversation(*each) for each in zip(*texts, strict=True)]
    columns |= {
        "messages": pa.array(chats, EXPORTS_SFT.schema.field("messages").type),
        "id": rows["example_id"],
    }
    return pa.table([columns[name] for name in EXPORTS_SFT.schema.names], EXPORTS_SFT.schema)


def _conversation(kind: str, prompt: str, completion: str) -> list[dict[str, str]]:
    """The example as two turns; the answer is the whole code, so that it can be run."""
    answer = fenced(completion if kind == "stdio" else prompt + completion)
    return [message("user", instruction(kind, prompt)), message("assistant", answer)]
