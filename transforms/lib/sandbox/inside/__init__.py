"""The modules that run inside the sandbox: sent there as code, with nothing secret in them.

They import nothing but the standard library and one another. The fork server (`server`) starts the
processes of each run (`process`). A process gives up what it does not need (`confinement`, by calls
of `kernel`), then runs foreign code in its role (`program`, `command`, and `peer` where a check
calls a candidate). Whatever foreign code does to these modules, it does to its own process alone.
"""
