"""Follow secrets through a compiled kernel's LLVM code: which branches and addresses depend on them?

Memory is told apart by where its pointer comes from: an argument, an allocation, a pointer that was
loaded from one.  Whatever is stored from a secret makes that memory secret; nothing makes it public
again.  Results of calls are error codes and are taken as public; memory that a called function may
write to becomes secret if it was given a secret.
"""

import re
from dataclasses import dataclass, field

NAME = r'%(?:"[^"]+"|[-\w.$]+)'
_ASSIGN = re.compile(rf"^\s*({NAME}) = (.*)$")
_DERIVING = ("getelementptr", "phi", "select", "bitcast", "inttoptr", "ptrtoint", "freeze", "add")


@dataclass
class Flow:
    """What depends on secrets in one function.

    Attributes
    ----------
    branches : list of str
        Conditional branches and switches on a secret.
    addresses : list of str
        Loads and stores whose address depends on a secret.
    """

    branches: list = field(default_factory=list)
    addresses: list = field(default_factory=list)


def function_body(module, name):
    """Return the header and the lines of the function whose mangled name contains `name`."""
    for text in module.split("\ndefine ")[1:]:
        header, _, rest = text.partition("\n")
        mangled = header.partition("@")[2].partition("(")[0]
        if name in mangled and not mangled.startswith(("_ZN7cpython", "cfunc")):
            return header, rest.partition("\n}")[0].splitlines()
    raise LookupError(name)


def follow(module, name, secrets):
    """Return the flow of a function; `secrets` are arguments: secrets, or pointers to some."""
    header, lines = function_body(module, name)
    return _Analysis(header, lines).run(secrets)


class _Analysis:
    def __init__(self, header, lines):
        self.lines = [line.partition(", !")[0] for line in lines]
        self.made = {m[1]: m[2] for m in map(_ASSIGN.match, self.lines) if m}
        self.arguments = set(re.findall(NAME, header.partition("(")[2]))
        self.roots = {}
        self.secret_values, self.secret_memory = set(), set()

    def run(self, secrets):
        missing = set(secrets) - self.arguments
        assert not missing, f"no arguments {missing}"
        self.secret_memory, self.secret_values = set(secrets), set()
        before = None
        while before != (before := (len(self.secret_values), len(self.secret_memory))):
            for line in self.lines:
                self._spread(line)
        flow = Flow()
        for line in self.lines:
            self._judge(line, flow)
        return flow

    def root(self, name, seen=()):
        """Return where a pointer comes from."""
        if name in self.roots:
            return self.roots[name]
        text = self.made.get(name, "")
        operation = text.split(" ")[0] if text else ""
        found = {name}
        if operation == "load":
            address = re.findall(NAME, text)[-1]
            found = {"*" + r for r in self.root(address, seen)}
            found = {r if r.count("*") < 3 else r.lstrip("*") for r in found}
        elif operation in _DERIVING and name not in seen:
            parts = re.findall(NAME, text)
            if operation == "getelementptr":  # the memory is the base's, whatever counts in it
                parts = re.findall(rf"ptr ({NAME})", text)
            found = set().union(*(self.root(p, (*seen, name)) for p in parts)) or {name}
        if not seen:
            self.roots[name] = found
        return found

    def _spread(self, line):
        match = _ASSIGN.match(line)
        text = match[2] if match else line.strip()
        names = re.findall(NAME, text)
        is_secret = any(n in self.secret_values for n in names)
        if text.startswith("store"):
            *value, address = names
            if any(n in self.secret_values for n in value):
                self.secret_memory |= self.root(address)
        elif "@llvm.mem" in text and "call" in text:
            if "cpy" in text or "move" in text:
                target, source = names[:2]
                if self.root(source) & self.secret_memory:
                    self.secret_memory |= self.root(target)
        elif re.search(r"\bcall\b", text) and "@llvm." not in text:
            pointers = [n for n in re.findall(rf"ptr[^,%]*({NAME})", text)]
            given = is_secret or any(self.root(p) & self.secret_memory for p in pointers)
            if given:
                for p in pointers:  # what lies on this function's stack may have been written
                    self.secret_memory |= {
                        r for r in self.root(p) if "alloca" in self.made.get(r, "")
                    }
        elif match:
            if text.startswith("load"):
                is_secret = is_secret or bool(self.root(names[-1]) & self.secret_memory)
            if text.startswith("phi"):
                names = re.findall(rf"\[ ({NAME}),", text)
                is_secret = any(n in self.secret_values for n in names)
            if is_secret:
                self.secret_values.add(match[1])

    def _explained(self, condition):
        """Return how a condition was made; one that joins others, how those were."""
        made = self.made.get(condition, "")
        if made.startswith("select i1"):
            return " or ".join(self._explained(part) for part in re.findall(NAME, made))
        return made

    def _judge(self, line, flow):
        text = line.strip()
        if text.startswith(("br i1", "switch")):
            condition = re.findall(NAME, text)[0] if "%" in text.split(",")[0] else None
            if condition in self.secret_values:
                flow.branches.append(f"{text} <- {self._explained(condition)}")
        access = re.search(rf"(?:load|store) .*ptr ({NAME})", text)
        if access and access[1] in self.secret_values:
            flow.addresses.append(text)
