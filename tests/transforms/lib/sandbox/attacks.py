"""Programs that attack: `attack(host)` returns what it got hold of, or a false value if nothing.

`host` holds facts of the host that an attacker could know or guess: `parent` (a process id of
quire), `port` (on which it listens by TCP and UDP), `socket` (the name of its abstract socket),
`home` (a folder that all may write in) and `secret` (a file there that all may read).
"""

# Programs that would not end; a limit ends them.
ENDLESS = {
    "infinite loop": "def attack(host):\n    while True: pass",
    "sleep": "import time\ndef attack(host): time.sleep(1000)",
    "ignores every signal": """
import signal
def attack(host):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True: pass
""",
    "catches everything": """
def attack(host):
    while True:
        try:
            while True: pass
        except BaseException: pass
""",
    "threads that stay": """
import threading, time
def attack(host):
    for _ in range(10): threading.Thread(target=time.sleep, args=(1000,)).start()
    time.sleep(1000)
""",
    "holds the interpreter's lock": """
import ctypes
def attack(host):
    ctypes.PyDLL(None).sleep(1000)
""",
    "10 GB of output": """
def attack(host):
    for _ in range(10 * 1024): print("x" * (1 << 20))
""",
    "an exception whose __str__ hangs": """
class Slow(Exception):
    def __str__(self):
        while True: pass
def attack(host): raise Slow
""",
    "an exception whose type hangs": """
class Meta(type):
    @property
    def __name__(cls):
        while True: pass
class Slow(Exception, metaclass=Meta): pass
def attack(host): raise Slow
""",
    "a result that is computed for ever": """
class Slow(dict):
    def items(self):
        while True: pass
    __iter__ = keys = items
class Hash:
    def __hash__(self):
        while True: pass
def attack(host): return {Hash()}
""",
}

SYSCALL = """
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "x86_64": dict(process_vm_readv=310, ptrace=101, keyctl=250, add_key=248, io_uring_setup=425,
        memfd_create=319, execve=59, execveat=322, unshare=272, setns=308, mount=165, bpf=321,
        perf_event_open=298, userfaultfd=323, shmget=29, msgget=68, semget=64, mq_open=240,
        open_by_handle_at=304, name_to_handle_at=303, clone3=435, fork=57, vfork=58, clone=56,
        pidfd_open=434, pidfd_getfd=438, kill=62, tgkill=234, prctl=157, personality=135,
        socket=41, fanotify_init=300, inotify_init1=294, chroot=161, pivot_root=155, kcmp=312,
        process_madvise=440, landlock_create_ruleset=444, seccomp=317, setuid=105, chmod=90,
        mknod=133, init_module=175, kexec_load=246, swapon=167, reboot=169, iopl=172, acct=163,
        ioprio_set=251, move_pages=279, lookup_dcookie=212, quotactl=179, openat2=437),
    "aarch64": dict(process_vm_readv=270, ptrace=117, keyctl=219, add_key=217, io_uring_setup=425,
        memfd_create=279, execve=221, execveat=281, unshare=97, setns=268, mount=40, bpf=280,
        perf_event_open=241, userfaultfd=282, shmget=194, msgget=186, semget=190, mq_open=180,
        open_by_handle_at=265, name_to_handle_at=264, clone3=435, clone=220,
        pidfd_open=434, pidfd_getfd=438, kill=129, tgkill=131, prctl=167, personality=92,
        socket=198, fanotify_init=262, inotify_init1=26, chroot=51, pivot_root=41, kcmp=272,
        process_madvise=440, landlock_create_ruleset=444, seccomp=277, setuid=146,
        init_module=105, kexec_load=104, swapon=224, reboot=142, acct=89,
        ioprio_set=30, move_pages=239, lookup_dcookie=18, quotactl=60, openat2=437),
}[platform.machine()]
def call(name, *arguments):
    ctypes.set_errno(0)
    return libc.syscall(NUMBERS[name], *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
"""

# Programs that try to get something; a string or any other true value says that they did.
GREEDY = {
    "reads a password file": "def attack(host): return open('/etc/passwd').read()",
    "reads /etc/shadow": "def attack(host): return open('/etc/shadow').read()",
    "reads a file of the user": "def attack(host): return open(host['secret']).read()",
    "reads by a link": """
import os
def attack(host):
    os.symlink(host['secret'], 'link')
    return open('link').read()
""",
    "writes at home": """
def attack(host):
    open(host['home'] + '/written', 'w').write('x')
    return 'written'
""",
    "writes to the root": "def attack(host):\n    open('/written', 'w')\n    return 'written'",
    "empties what it may read": """
import os, random
def attack(host):
    descriptor = os.open(random.__file__, os.O_RDONLY | os.O_TRUNC)
    return os.fstat(descriptor).st_size == 0
""",
    "changes modes of what it may read": """
import os, random
def attack(host):
    for change in (lambda: os.chmod(random.__file__, 0), lambda: os.chmod(host['secret'], 0),
                   lambda: os.utime(host['secret'], (0, 0)),
                   lambda: os.fchmod(os.open(random.__file__, os.O_RDONLY), 0)):
        try:
            change()
            return 'changed'
        except OSError:
            pass
""",
    "the environment's secret": """
import os
def attack(host): return 'secret' in str(dict(os.environ)) and 'found'
""",
    "walks /proc": """
import os
def attack(host):
    found = []
    for folder, folders, names in os.walk('/proc'):
        for name in names:
            if name in ('environ', 'cmdline', 'mem', 'maps', 'status'):
                try:
                    found.append(open(os.path.join(folder, name), 'rb').read(100) and folder)
                except OSError:
                    pass
    return found
""",
    "its parent's environment and memory": """
import os
def attack(host):
    for pid in (1, os.getppid(), host['parent']):
        for name in ('environ', 'mem', 'cmdline', 'fd/0', 'root/etc/passwd', 'cwd'):
            try:
                return open(f'/proc/{pid}/{name}', 'rb').read(100)
            except OSError:
                pass
""",
    "connects by TCP": """
import socket
def attack(host):
    socket.create_connection(('127.0.0.1', host['port']), 1)
    return 'connected'
""",
    "sends by UDP": """
import socket
def attack(host):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.sendto(b'x', ('127.0.0.1', host['port']))
    return 'sent'
""",
    "an abstract socket": """
import socket
def attack(host):
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.sendto(b'x', '\\0' + host['socket'])
    return 'sent'
""",
    "an abstract socket, from a pair": """
import socket
def attack(host):
    sender, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.sendto(b'x', '\\0' + host['socket'])
    return 'sent'
""",
    "a raw or netlink socket": """
import socket
def attack(host):
    for family, kind in ((socket.AF_NETLINK, socket.SOCK_RAW), (socket.AF_PACKET, socket.SOCK_RAW),
                         (socket.AF_VSOCK, socket.SOCK_STREAM), (38, socket.SOCK_SEQPACKET)):
        try:
            return str(socket.socket(family, kind))
        except OSError:
            pass
""",
    "forks": "import os\ndef attack(host): return os.fork() or True",
    "forks 200": """
import os, time
def attack(host):
    made = 0
    for _ in range(200):
        try:
            if os.fork() == 0: time.sleep(1000)
            made += 1
        except OSError:
            pass
    return made
""",
    "a daemon": """
import os, time
def attack(host):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: time.sleep(1000)
        os._exit(0)
    return 'forked'
""",
    "runs a program": """
import os, subprocess
def attack(host):
    for run in (lambda: subprocess.run(['/bin/true']), lambda: os.execv('/bin/true', ['true']),
                lambda: os.posix_spawn('/bin/true', ['true'], {})):
        try:
            return run() or 'ran'
        except OSError:
            pass
""",
    "many threads": """
import threading
def attack(host):
    wait = threading.Event()
    threads = []
    try:
        for _ in range(500):
            threads.append(threading.Thread(target=wait.wait, daemon=True))
            threads[-1].start()
    finally:
        wait.set()
    return len(threads)
""",
    "kills its parent": """
import os, signal
def attack(host):
    done = 0
    for pid in (os.getppid(), host['parent'], -1, 0, 1):
        for number in (0, signal.SIGKILL, signal.SIGTERM):
            try:
                os.kill(pid, number)
                done += 1
            except OSError:
                pass
    return done
""",
    "signals by a descriptor": """
import fcntl, os, signal
F_SETSIG, O_ASYNC = 10, 0o20000
def attack(host):
    reading, writing = os.pipe()
    for pid in (host['parent'], os.getppid()):
        for set_owner in (fcntl.F_SETOWN, 15):
            try:
                fcntl.fcntl(reading, F_SETSIG, signal.SIGWINCH)
                fcntl.fcntl(reading, set_owner, pid)
                fcntl.fcntl(reading, fcntl.F_SETFL, os.O_NONBLOCK | O_ASYNC)
                os.write(writing, b'x')
                return 'sent'
            except OSError:
                pass
""",
    "a lease and a notice": """
import fcntl, os
def attack(host):
    for command in (fcntl.F_SETLEASE, fcntl.F_NOTIFY):
        try:
            return str(fcntl.fcntl(os.open('.', os.O_RDONLY), command, 1))
        except OSError:
            pass
""",
    "signals by pidfd": """
import os, signal
def attack(host):
    for pid in (host['parent'], os.getppid()):
        descriptor = os.pidfd_open(pid)
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    return 'sent'
""",
    "ptrace of its parent": SYSCALL
    + """
def attack(host):
    return any(call('ptrace', 16, pid, 0, 0) == 0 for pid in (os.getppid(), host['parent'], 1))
""",
    "memory of its parent": SYSCALL
    + """
def attack(host):
    buffer = ctypes.create_string_buffer(16)
    local = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 16)
    remote = (ctypes.c_void_p * 2)(id(local), 16)
    pids = (os.getppid(), host['parent'], 1)
    return any(call('process_vm_readv', pid, local, 1, remote, 1, 0) > 0 for pid in pids)
""",
    "keyrings": SYSCALL
    + """
def attack(host):
    key = call('add_key', ctypes.c_char_p(b'user'), ctypes.c_char_p(b'quire'), ctypes.c_char_p(b'x'), 1, -4)
    return key > 0 or call('keyctl', 0, -4, 0) > 0
""",
    "io_uring": SYSCALL
    + """
def attack(host): return call('io_uring_setup', 8, ctypes.create_string_buffer(256)) >= 0
""",
    "memfd and execve": SYSCALL
    + """
def attack(host):
    made = call('memfd_create', ctypes.c_char_p(b'x'), 0)
    if made >= 0: return 'a memfd'
    arguments = (ctypes.c_char_p * 2)(b'/bin/true', None)
    if call('execve', arguments[0], arguments, None) == 0: return 'execve'
    return call('execveat', -100, arguments[0], arguments, None, 0) == 0
""",
    "new namespaces": SYSCALL
    + """
def attack(host):
    flags = 0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000
    return any(call('unshare', flag) == 0 for flag in flags) or any(
        call('clone', flag | 17, 0, 0, 0, 0) >= 0 for flag in flags)
""",
    "mounts": SYSCALL
    + """
def attack(host):
    tmp = ctypes.c_char_p(b'/tmp')
    none = ctypes.c_char_p(b'tmpfs')
    return call('mount', none, tmp, none, 0, 0) == 0 or call('chroot', ctypes.c_char_p(b'.')) == 0
""",
    "clone3": SYSCALL
    + """
def attack(host):
    arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17)
    return call('clone3', arguments, 88) >= 0
""",
    "shared memory and queues": SYSCALL
    + """
def attack(host):
    shared = call('shmget', 4711, 4096, 0o1666), call('msgget', 4711, 0o1666), call('semget', 4711, 1, 0o1666)
    return any(each >= 0 for each in shared)
""",
    "POSIX shared memory": """
import os
def attack(host):
    open('/dev/shm/quire', 'w').write('x')
    return os.listdir('/dev/shm')
""",
    "handles of files": SYSCALL
    + """
def attack(host):
    handle, mount = ctypes.create_string_buffer(136), ctypes.c_int()
    handle[0:4] = (128).to_bytes(4, 'little')
    return call('name_to_handle_at', -100, ctypes.c_char_p(b'/'), handle, ctypes.byref(mount), 0) == 0
""",
    "the rest of the kernel": SYSCALL
    + """
def attack(host):
    names = ('bpf', 'perf_event_open', 'userfaultfd', 'fanotify_init', 'inotify_init1', 'kcmp', 'setns',
             'pidfd_getfd', 'personality', 'seccomp', 'landlock_create_ruleset', 'process_madvise',
             'init_module', 'kexec_load', 'swapon', 'acct', 'ioprio_set', 'move_pages', 'openat2',
             'quotactl', 'pivot_root')
    got = []
    for name in names:
        if call(name, 0, 0, 0, 0, 0) >= 0 or ctypes.get_errno() not in (1, 38):
            got.append(name)
    return got
""",
    "becomes root": """
import os
def attack(host):
    for change in (os.setuid, os.setgid, os.seteuid, lambda id: os.setgroups([id]),
                   lambda id: os.setresuid(id, id, id)):
        try:
            change(0)
            return 'root'
        except OSError:
            pass
""",
    "lifts its limits": """
import resource
def attack(host):
    for name in ('RLIMIT_AS', 'RLIMIT_CPU', 'RLIMIT_FSIZE', 'RLIMIT_CORE'):
        try:
            resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY,) * 2)
            return name
        except (OSError, ValueError):
            pass
""",
    "lifts another's limits": """
import os, resource
def attack(host):
    for pid in (host['parent'], os.getppid()):
        if pid:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (1, 1))
            return 'set'
""",
    "inherited descriptors": """
import os, stat
def attack(host):
    found = []
    for descriptor in range(1024):
        try:
            mode = os.fstat(descriptor).st_mode
        except OSError:
            continue
        if stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode):
            found.append(descriptor)
        elif stat.S_ISREG(mode) and os.pread(descriptor, 100, 0)[4:] != b'["tuple","loaded"]':
            found.append(descriptor)
    return found
""",
    "many files": """
def attack(host):
    for n in range(10_000): open(str(n), 'w').close()
    return 'all of them'
""",
    "files without a name, mapped": """
import mmap, os, time
def attack(host):
    held = []
    for _ in range(20):
        descriptor = os.open('u', os.O_RDWR | os.O_CREAT)
        os.unlink('u')
        os.write(descriptor, bytes(1 << 20))
        held.append(mmap.mmap(descriptor, 4096))
        os.close(descriptor)
        time.sleep(0.01)
    time.sleep(1)
    return 'all of them'
""",
    "files without a name, allocated": """
import mmap, os, time
def attack(host):
    held = []
    for _ in range(20):
        descriptor = os.open('u', os.O_RDWR | os.O_CREAT)
        os.unlink('u')
        os.posix_fallocate(descriptor, 0, 1 << 20)
        held.append(mmap.mmap(descriptor, 4096, mmap.MAP_PRIVATE))
        os.close(descriptor)
    time.sleep(1)
    return 'all of them'
""",
    "files that never had a name": """
import os, time
def attack(host):
    for _ in range(20):
        os.write(os.open('.', os.O_TMPFILE | os.O_RDWR), bytes(1 << 20))
        time.sleep(0.01)
    time.sleep(1)
    return 'all of them'
""",
    "a thread with descriptors of its own": SYSCALL
    + """
def attack(host):
    stack = ctypes.create_string_buffer(1 << 16)
    top = ctypes.addressof(stack) + len(stack) - 64
    # CLONE_VM, CLONE_SIGHAND and CLONE_THREAD without CLONE_FILES; it would end at once.
    return call('clone', 0x10900, top, 0, 0, 0) > 0
""",
    "folders that nobody may look into": """
import os
def attack(host):
    for hide in (lambda: os.mkdir('a', 0o300), lambda: os.mkdir('b', 0), lambda: os.umask(0o777)):
        try:
            hide()
            os.mkdir('c')
            open('c/secret', 'w').close()
            return 'hidden'
        except OSError:
            pass
""",
    "threads with small stacks": """
import threading
def attack(host):
    threading.stack_size(1 << 15)
    for _ in range(5000): threading.Thread(target=threading.Event().wait, daemon=True).start()
    return 'all of them'
""",
    "files too deep to be found": """
import os
def attack(host):
    for _ in range(3000):
        os.mkdir('x' * 200)
        os.chdir('x' * 200)
    for n in range(200): open(str(n), 'wb').write(bytes(1 << 20))
    return 'all of them'
""",
    "undoes its death with the server": SYSCALL
    + """
def attack(host): return call('prctl', 1, 0) == 0 or call('prctl', 4, 1) == 0
""",
}

# Programs that try to pass by something else than the right answer.
FORGED = {
    "sys.exit(0)": "import sys\ndef attack(host): sys.exit(0)",
    "os._exit(0)": "import os\ndef attack(host): os._exit(0)",
    "exits while it is loaded": "raise SystemExit(0)",
    "an object that equals everything": """
class Equal:
    def __eq__(self, other): return True
    __hash__ = None
def attack(host): return Equal()
""",
    "a subclass that equals everything": """
class Equal(int):
    def __eq__(self, other): return True
    __ne__ = lambda self, other: False
    __hash__ = int.__hash__
def attack(host): return Equal(7)
""",
    "writes into the results": """
import os
def attack(host):
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, b'\\0\\0\\0\\x1e["tuple","returned","right",null]')
            os.write(descriptor, b'\\0\\0\\0\\x10["tuple","passed"]')
            os.write(descriptor, b'passed')
        except OSError:
            pass
    os._exit(0)
""",
    "walks the frames": """
import sys
def attack(host):
    frame = sys._getframe()
    while frame:
        for names in (frame.f_locals, frame.f_globals):
            for name, value in list(names.items()):
                if name == 'report':
                    value('passed')
                    value('returned', True, None)
                if isinstance(value, list):
                    value.append('passed')
        frame = frame.f_back
    raise SystemExit(0)
""",
    "gc.get_objects": """
import gc
def attack(host):
    for each in gc.get_objects():
        if callable(each) and getattr(each, '__name__', '') == 'report':
            each('passed')
    for each in gc.get_objects():
        if type(each) is dict and 'report' in each:
            each['report'] = lambda *parts: None
    raise SystemExit(0)
""",
    "sys.settrace on the harness": """
import sys
def trace(frame, event, argument):
    frame.f_trace_opcodes = True
    if event == 'return' and frame.f_code.co_name == 'encode':
        frame.f_locals.clear()
    return trace
def attack(host):
    sys.settrace(trace)
    frame = sys._getframe()
    while frame:
        frame.f_trace = trace
        frame = frame.f_back
    sys.setprofile(lambda *each: None)
    return 'wrong'
""",
    "monkeypatched json and builtins": """
import builtins, json, json.encoder, os
def attack(host):
    json.JSONEncoder.encode = lambda self, value: '["tuple","passed"]'
    json.dumps = lambda *values, **named: '["tuple","passed"]'
    builtins.isinstance = lambda *values: True
    builtins.type = lambda *values: int
    os._exit = lambda code: None
    return 'wrong'
""",
    "segfault": "import ctypes\ndef attack(host): ctypes.string_at(0)",
    "abort": "import os\ndef attack(host): os.abort()",
    "deep recursion": """
import sys
sys.setrecursionlimit(10 ** 9)
def attack(host): return attack(host)
""",
    "deep recursion in C": """
def attack(host):
    deep = []
    for _ in range(200_000): deep = [deep]
    return repr(deep) + str(deep == deep)
""",
    "a cyclic result": "def attack(host):\n    result = []\n    result.append(result)\n    return result",
    "a cyclic dict": "def attack(host):\n    result = {}\n    result[1] = [result]\n    return result",
    "10 million elements": "def attack(host): return [0] * 10_000_000",
    "a string of 20 MB": "def attack(host): return 'x' * 20_000_000",
    "an int of 10 million digits": "def attack(host): return 1 << 33_000_000",
    "1 million digits, printed": "import sys\nsys.set_int_max_str_digits(0)\ndef attack(host): return 10 ** 100_000",
    "a generator": "def attack(host):\n    yield 7",
    "a type": "def attack(host): return int",
    "raises what is no exception of ours": "class Odd(BaseException): pass\ndef attack(host): raise Odd('x')",
    "no such function": "attack_ = 1",
    "does not compile": "def attack(host:",
    "not even text": "def attack(host): return '\\x00\ud800'\n\x00",
    "kills by closing everything": """
import os
def attack(host):
    os.closerange(0, 1024)
    return 'wrong'
""",
}
