"""The opt-outs of a run, where its workers find them: a list may be too long for a pipeline."""

from transforms.lib.rights.opt_outs import OptOuts
from transforms.lib.skeleton.storage import Storage


def _file(stage: str) -> str:
    """The name, below DATA, of the opt-outs of a stage that runs."""
    return f"_work/{stage}/plan/opt_outs.json"


def leave_opt_outs(data: Storage, stage: str, opt_outs: OptOuts) -> None:
    """Write the opt-outs of a run; nothing if nobody has opted out."""
    if opt_outs:
        data.put_json(_file(stage), opt_outs.pack())
    else:
        data.delete(_file(stage))


def left_opt_outs(data: Storage, stage: str) -> OptOuts:
    """The opt-outs that `leave_opt_outs` wrote; nobody's if it has written none."""
    return OptOuts.unpack(data.read_json(_file(stage)))
