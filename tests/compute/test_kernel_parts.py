"""What kernels are made of: the code in memory gives a digest, and whatever is not in it none."""

import ast
import functools
import math
import operator
import textwrap
import types as pytypes
from collections import namedtuple
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from llvmlite import ir
from numba import typeof, types
from numba.core.dispatcher import Dispatcher
from numba.extending import intrinsic
from numba.np import numpy_support

from numbadp.compute import kernel_parts
from numbadp.compute.jit import jit, jit_inline, jit_shared
from numbadp.compute.kernel_parts import UnkeepableError, kind_name, made_of
from numbadp.mechanism.kernels import measure_body
from numbadp.mechanism.kernels.chacha_body import build_block

ROOT = Path(kernel_parts.__file__).parents[1]
FORM = measure_body.build_form(lambda function: function)


def a_package(folder):
    """Make something that has the files of a package."""
    (folder / "kernels").mkdir()
    for name in kernel_parts.SHARED_SOURCE:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("")
    (folder / "kernels" / "a.py").write_text("x = 1\n")


def test_the_source_that_makes_the_files_gives_the_name(monkeypatch, tmp_path):
    """What turns kernels into files is hashed; kernels and what nobody compiles are not."""
    a_package(tmp_path)
    monkeypatch.setattr(kernel_parts, "__file__", str(tmp_path / "compute" / "kernel_parts.py"))
    maker_hash = kernel_parts.maker_hash.__wrapped__
    seen = [maker_hash()]
    (tmp_path / "ledger.py").write_text("no kernel imports it")
    (tmp_path / "kernels" / "a.py").write_text("x = 2\n")
    (tmp_path / "compute" / "lanes.py").write_text("y = 1\n")
    assert maker_hash() == seen[0]
    for name in kernel_parts.MAKERS:
        (tmp_path / name).write_text("x = 1\n")
        seen.append(maker_hash())
    assert len(set(seen)) == 1 + len(kernel_parts.MAKERS)


@pytest.mark.parametrize(
    "missing", ["kernels/a.py", "compute/lanes.py", "compute/jit.py", "everything"]
)
def test_without_its_source_there_is_no_hash(missing, monkeypatch, tmp_path):
    """A zip, a frozen program, .pyc files alone: the hash of nothing is none."""
    a_package(tmp_path)
    for path in [tmp_path / missing] if missing != "everything" else list(tmp_path.rglob("*.py")):
        path.unlink()
    monkeypatch.setattr(kernel_parts, "__file__", str(tmp_path / "compute" / "kernel_parts.py"))
    assert kernel_parts.maker_hash.__wrapped__() is None


def test_kernels_are_made_of_their_own_source_alone():
    """Whatever a kernel's file imports of the package, directly or by others, is one of them."""
    known = {path.relative_to(ROOT).as_posix() for path in kernel_parts.kernel_source(ROOT)}
    for name in known:
        for node in ast.walk(ast.parse((ROOT / name).read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("numbadp"):
                files = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                found = [f"{file.partition('.')[2].replace('.', '/')}.py" for file in files]
                found = [file for file in found if (ROOT / file).is_file()]
                assert set(found) <= known | {"errors.py"}, name
    errors = ast.parse((ROOT / "errors.py").read_text("utf-8")).body  # holds no value or code
    assert {type(node) for node in errors} <= {ast.Expr, ast.ClassDef}


def test_all_that_a_kernel_is_made_of_is_in_its_key(monkeypatch):
    """Options, its own code, constants, and those of what it calls, however deep."""
    block = build_block(lambda function: function)
    seen = {made_of(block, {}), made_of(block, {"nogil": True}), made_of(FORM, {})}
    assert made_of(build_block(lambda function: function), {}) in seen
    monkeypatch.setattr("numbadp.mechanism.kernels.chacha_body.MASK", np.uint64(0xFFFF))
    seen.add(made_of(block, {}))
    monkeypatch.setattr("numbadp.mechanism.kernels.chacha_body.DOUBLE_ROUNDS", 8)
    seen.add(made_of(block, {}))
    assert len(seen) == 5


def test_what_a_called_kernel_is_made_of_counts_too(monkeypatch):
    """A constant of an intrinsic's helper changes the pass that uses it."""
    from numbadp.mechanism.kernels import noise_cpu, release_cpu

    kernel = release_cpu.release_cpu
    first = made_of(kernel.py_func, kernel.targetoptions)
    assert made_of(kernel.py_func, kernel.targetoptions) == first
    monkeypatch.setattr(noise_cpu, "DOUBLE_ROUNDS", 4)
    assert made_of(kernel.py_func, kernel.targetoptions) != first


def ours(source, module=measure_body.__name__, **names):
    """Make a function, the last thing of its source, that could stand in a file of kernels."""
    space = {"__name__": module, **names}
    exec(textwrap.dedent(source), space)
    return list(space.values())[-1]


def taking(value):
    """Return a function that takes something from beside it."""
    return ours("def f(x): return x + part", part=value)


def with_codegen(number, **options):
    """Return a kernel's part that emits code, by a function inside of a function."""
    source = """
    def emit(typingctx, x):
        def codegen(context, builder, sig, args):
            return builder.add(args[0], args[0].type(number))
        return x(x), codegen
    """
    emit = ours(source.replace("number", str(number)))
    return taking(intrinsic(**options)(emit) if options else intrinsic(emit))


def symbol(name, result=types.int32):
    """Return a function of the system."""
    return types.ExternalFunction(name, result())


NOTHING = "def f(x): pass"
DIFFERENT = {
    "operation": [ours("def f(x): return x + 1"), ours("def f(x): return x - 1")],
    "constant": [ours("def f(x): return x + 1"), ours("def f(x): return x + 2")],
    "kind of constant": [ours("def f(x): return x + 1"), ours("def f(x): return x + 1.0")],
    "sign of zero": [ours("def f(x): return x + 0.0"), ours("def f(x): return x - -0.0")],
    "attribute": [ours("def f(x): return x.real"), ours("def f(x): return x.imag")],
    "default": [ours("def f(x, y=1): return y"), ours("def f(x, y=2): return y")],
    "default by name": [ours("def f(*, y=1): return y"), ours("def f(*, y=2): return y")],
    "inner function": [ours(f"def f(x):\n  def g(): return {n}\n  return g()") for n in (1, 2)],
    "builtin": [ours("def f(x): return len(x)"), ours("def f(x): return len(x)", len=max)],
    "global number": [taking(1), taking(2), taking(1.0), taking(True), taking("1"), taking(None)],
    "width of a number": [taking(np.int32(1)), taking(np.int64(1)), taking(np.uint64(1))],
    "nesting": [taking(((1,), 2)), taking(((1, 2),)), taking([1, 2]), taking((1, 2))],
    "members of a set": [taking(frozenset("a")), taking(frozenset("b"))],
    "values by name": [taking({"a": 1}), taking({"a": 2}), taking({"b": 1})],
    "shape of a table": [taking(np.zeros((2, 3))), taking(np.zeros((3, 2)))],
    "order of a table": [taking(np.zeros((2, 3))), taking(np.zeros((2, 3), order="F"))],
    "kind of array": [taking(np.dtype("i4")), taking(np.dtype("i8"))],
    "Numba's type": [taking(types.int32), taking(types.int64)],
    "LLVM's type": [taking(ir.IntType(32)), taking(ir.IntType(64))],
    "LLVM's constant": [taking(ir.Constant(ir.IntType(32), n)) for n in (1, 2)],
    "symbol": [taking(symbol("a")), taking(symbol("b")), taking(symbol("a", types.int64))],
    "module": [taking(math), taking(operator)],
    "library's function": [taking(np.sin), taking(np.cos), taking(math.sin)],
    "called kernel": [taking(jit(ours(f"def g(x): return {n}"))) for n in (1, 2)],
    "called kernel's options": [taking(jit(FORM)), taking(jit_inline(FORM))],
    "how a kernel is called": [taking(jit(FORM)), taking(jit_shared(FORM))],
    "code that emits": [with_codegen(1), with_codegen(2)],
    "how it is asked": [with_codegen(1), with_codegen(1, prefer_literal=True)],
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_functions_that_differ_in_one_thing_have_other_digests(what):
    """Steps 1 to 3: each thing that the compiler can reach from a function, by itself."""
    found = [made_of(each, {}) for each in DIFFERENT[what]]
    assert len(set(found)) == len(found)
    assert found == [made_of(each, {}) for each in DIFFERENT[what]]


def test_the_same_source_anew_has_the_same_digest():
    """It is no function's place in memory that tells them apart."""
    assert made_of(with_codegen(1), {}) == made_of(with_codegen(1), {})
    assert made_of(taking(jit(ours(NOTHING))), {}) == made_of(taking(jit(ours(NOTHING))), {})


def test_what_is_not_there_yet_or_comes_from_elsewhere_has_no_digest():
    """A cell that is filled later, and functions of files that no kernel comes from."""
    later = ours("def f():\n  def g(): return part\n  yield g\n  part = 1")
    with pytest.raises(UnkeepableError):
        made_of(next(later()), {})
    for module in ("numbadp.plan.layout", "numbadp.nowhere"):
        with pytest.raises(UnkeepableError):
            made_of(ours(NOTHING, module), {})


def kernels():
    """Yield every dispatcher in a folder of kernels, with where it lies."""
    for path in kernel_parts.kernel_source(ROOT):
        if path.parent.name == "kernels" and path.stem != "__init__":
            name = ".".join(("numbadp", *path.relative_to(ROOT).with_suffix("").parts))
            for key, value in vars(import_module(name)).items():
                if isinstance(value, Dispatcher):
                    yield f"{name}.{key}", value


def test_every_kernel_can_be_kept():
    """Nothing that one is made of stands where its digest does not look."""
    found = {name: made_of(each.py_func, each.targetoptions) for name, each in kernels()}
    assert len(found) > 50


def test_nothing_reaches_a_kernel_beside_its_names():
    """No file takes from Numba what one could register with (step 5)."""
    for path in ROOT.rglob("*.py"):
        taken = taken_from_numba(path.read_text("utf-8"))
        assert taken <= HARMLESS, f"{path.name}: {taken - HARMLESS}"


@pytest.mark.parametrize(
    "source",
    [
        "from numba import extending",
        "from numba.extending import overload",
        "from numba.core import imputils",
        "from numba.core.imputils import lower_builtin",
        "from numba.core.typing.templates import infer_global",
        "from numba.experimental import jitclass",
        "import numba.extending",
        "import numba as n\nn.extending.overload",
        "def f():\n    import numba\n    numba.core.typing",
    ],
)
def test_whatever_could_register_is_found(source):
    """Power: wherever a file takes it from."""
    assert not taken_from_numba(source) <= HARMLESS


# What the package uses of Numba for the CPU; none of it changes what another kernel is compiled to.
HARMLESS = {
    "numba", "numba.__version__", "numba.types", "numba.extending.intrinsic",
    "numba.extending._Intrinsic", "numba.core.types", "numba.core.types.Type", "numba.core.event",
    "numba.core.config", "numba.core.sigutils", "numba.core.cgutils", "numba.core.serialize.dumps",
    "numba.core.registry.CPUDispatcher", "numba.core.dispatcher.Dispatcher",
    "numba.core.compiler_lock.global_compiler_lock", "numba.core.compiler.Compiler",
    "numba.core.compiler.CompileResult", "numba.core.compiler.Flags",
    "numba.core.compiler.compile_extra", "numba.core.codegen.JITCodeLibrary",
    "numba.core.typing.make_concrete_template", "numba.core.ir",
    # What `kernel_front` leaves out or answers, for compilers of ours alone.
    "numba.core.cpu.CPUContext", "numba.core.lowering.Lower", "numba.core.typing.context.Context",
    "numba.core.typed_passes.BaseNativeLowering", "numba.core.typed_passes.InlineOverloads",
    "numba.core.typed_passes.NativeLowering", "numba.core.typed_passes.NopythonRewrites",
    "numba.core.typed_passes.NoPythonSupportedFeatureValidation",
    "numba.core.untyped_passes.InlineClosureLikes", "numba.core.untyped_passes.InlineInlinables",
    "numba.core.untyped_passes.WithLifting",
    # Two more passes, in pipelines of our own, which only our kernels go through.
    "numba.core.compiler_machinery.register_pass", "numba.core.compiler_machinery.AnalysisPass",
    "numba.core.compiler_machinery.FunctionPass", "numba.core.typed_passes.IRLegalization",
    "numba.core.untyped_passes.ReconstructSSA",
}  # fmt: skip


def taken_from_numba(source):
    """Return what a file imports from Numba, and what it takes of the module by its name."""
    nodes = list(ast.walk(ast.parse(source)))
    found, called = set(), {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
            called |= {alias.asname: alias.name for alias in node.names if alias.asname}
    names = {"numba", *(short for short, name in called.items() if name == "numba")}
    for node in nodes:
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) in names:
            found.add(f"numba.{node.attr}")
    ours = {name for name in found if name == "numba" or name.startswith("numba.")}
    return {name for name in ours if not name.startswith("numba.cuda")}


def digest_with(part, monkeypatch):
    """Digest of a kernel that has this part among its globals."""
    monkeypatch.setattr(measure_body, "np", part)
    return made_of(FORM, {})


def a_class(**members):
    """Make a class of the package."""
    return type("Row", (), {"__module__": measure_body.__name__, **members})


def test_a_class_is_all_its_members(monkeypatch):
    """Constants and bases too, and what stands behind properties and static methods (step 4)."""
    base = a_class(width=3)
    derived = type("Row", (base,), {"__module__": measure_body.__name__})
    found = [a_class(), a_class(width=2), a_class(width=3), a_class(height=2), derived]
    one, two = ours("def f(self): return 1"), ours("def f(self): return 2")
    for wrap in (property, lambda f: property(one, f), staticmethod, classmethod):
        found += [a_class(wrapped=wrap(one)), a_class(wrapped=wrap(two))]
    assert len({digest_with(each, monkeypatch) for each in found}) == len(found)
    assert digest_with(a_class(width=2), monkeypatch) == digest_with(found[1], monkeypatch)
    with pytest.raises(UnkeepableError):
        digest_with(a_class(inner=object()), monkeypatch)


def test_an_array_is_its_fields_too(monkeypatch):
    """Two structured arrays of the same bytes whose fields have changed places."""
    one, two = (np.zeros(1, [(a, "i8"), (b, "i8")]) for a, b in ("xy", "yx"))
    assert digest_with(one, monkeypatch) != digest_with(two, monkeypatch)


def test_the_fields_of_a_named_tuple_are_in_its_types_name():
    """Numba's own name of it has the class and the fields' types; kernels take them by place."""
    one, two = (typeof(namedtuple("Shape", names)(1, 2)) for names in ("x y", "y x"))
    assert repr(one) == repr(two) and repr(one.key) == repr(two.key)
    assert kind_name(one) != kind_name(two)
    assert kind_name(types.Tuple([types.int8, one])) != kind_name(types.Tuple([types.int8, two]))


@pytest.mark.parametrize(
    "kind",
    [typeof(jit(FORM)), types.unicode_type, types.pyobject, types.List(types.int64)],
    ids=["kernel", "text", "object", "list"],
)
def test_arguments_whose_type_does_not_say_all_are_not_kept(kind):
    """A function that is handed in may change without its type."""
    with pytest.raises(UnkeepableError):
        kind_name(kind)
    with pytest.raises(UnkeepableError):
        kind_name(types.Tuple([types.int64, kind]))


def outside(x):
    """Return its argument; lies in a test."""
    return x


def imports_late(x):
    """Take code from where its bytecode does not tell."""
    from numbadp.plan.grid import MAX_CELL

    return x + MAX_CELL


PARTS = {
    "function": outside,
    "kernel": jit(outside),
    "object": object(),
    "instance": Path(),
    "array of objects": np.array([object()]),
    "library": textwrap.dedent,
    "module of ours": kernel_parts,
    "module of another library": textwrap,
    "partial": functools.partial(outside, 1),
    "partial of a library": functools.partial(np.add, 1),
    "made by a library": np.vectorize(np.add),
    "copy of a library's": pytypes.FunctionType(
        numpy_support.as_dtype.__code__, vars(numpy_support), "as_dtype"
    ),
    "late import": pytypes.FunctionType(
        imports_late.__code__, {"__name__": measure_body.__name__}, "imports_late"
    ),
}


@pytest.mark.parametrize("part", PARTS)
def test_kernels_of_other_parts_are_not_kept(part, monkeypatch):
    """Whatever is not this package's kernel source or a plain constant has no digest."""
    with pytest.raises(UnkeepableError):
        digest_with(PARTS[part], monkeypatch)
