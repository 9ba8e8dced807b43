"""What runs inside the sandbox: sent there as code, standard library alone, nothing secret in it.

The fork server (`server`) starts a process for each run (`process`), which gives up what it does
not need (`confinement`, by calls of `kernel`), then runs foreign code in one of its roles
(`program`, and `peer` where a check calls a candidate). Whatever foreign code does to these
modules it does to its own process alone.
"""
