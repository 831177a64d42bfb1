"""The commonest error messages of NumPy and Python, said again in the words of the book."""

from __future__ import annotations

import re

_MATMUL = re.compile(r"matmul: Input operand 1 .* \(size (\d+) is different from (\d+)\)")
_DOT = re.compile(r"shapes \(.*?\) and \(.*?\) not aligned: (\d+) \(dim \d+\) != (\d+) \(dim \d+\)")
_NO_AXIS = re.compile(r"matmul: Input operand (\d) does not have enough dimensions")
_BROADCAST = re.compile(r"operands could not be broadcast together with shapes (\(.*?\)) (\(.*?\))")

_OPERATOR = re.compile(r"unsupported operand type\(s\) for (.+?): '(\w+)' and '(\w+)'")
_NOTHING = re.compile(r"'NoneType' object has no attribute '(\w+)'")
_MODULE = re.compile(r"module '(\w+)' has no attribute '(\w+)'")
_UNKNOWN = re.compile(r"name '(\w+)' is not defined")
_ATTRIBUTE = re.compile(r"'(\w+)' object has no attribute '(\w+)'")
_UNBOUND = re.compile(r"local variable '(\w+)' (?:where it is not associated|referenced before)")
_TOO_MANY = re.compile(r"([\w.<>]+)\(\) takes (\d+) positional arguments? but (\d+) w")
_TOO_FEW = re.compile(r"([\w.<>]+)\(\) missing \d+ required positional arguments?: (.*)")
_DEEP = re.compile(r"maximum recursion depth exceeded")

_EXP = re.compile(r"overflow encountered in (?:scalar )?exp")
_LOG = re.compile(r"divide by zero encountered in (?:scalar )?log")
_ZERO = re.compile(r"divide by zero encountered in")
_INVALID = re.compile(r"invalid value encountered in (?:scalar )?(divide|subtract|add|multiply)")

_TRUTH = re.compile(r"truth value of an array with more than one element is ambiguous")

_UNPACKED = re.compile(r"cannot unpack non-iterable ([\w.]+) object")
_UNPACKED_FEW = re.compile(
    r"not enough values to unpack \(expected (?:at least )?(\d+), got (\d+)\)"
)
_UNPACKED_MANY = re.compile(r"too many values to unpack \(expected (\d+)")
_RESHAPED = re.compile(r"cannot reshape array of size (\d+) into shape (\(.*?\))")
_NO_PLACE = re.compile(r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)")
_NORM = re.compile(r"Improper number of dimensions to norm")
_INDEXED_NUMBER = re.compile(
    r"invalid index to scalar variable|too many indices for array: .*0-dim"
)
_UNHASHABLE = re.compile(r"unhashable type: '(\w+)'")
_SCALARS = re.compile(r"only .* arrays can be converted to Python scalars")

_METHODS = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "@": "matmul",
    "** or pow()": "pow",
}
_PLAIN = ("int", "float", "complex", "bool", "str", "tuple", "list", "dict", "set")
_NO_NUMBER = {
    "divide": "inf / inf or 0 / 0",
    "subtract": "inf - inf",
    "add": "inf - inf",
    "multiply": "0 * inf",
}


def in_plain_words(message: str) -> str:
    """What ``message`` means, or ``""`` if it is not one of these."""
    if found := _MATMUL.search(message):
        right, left = found.groups()
        return _unequal(left, right)
    if found := _DOT.search(message):
        return _unequal(*found.groups())
    if found := _NO_AXIS.search(message):
        side = "left" if found[1] == "0" else "right"
        return f"what stands on the {side} of @ is a single number; @ needs an axis to sum over"
    if found := _BROADCAST.search(message):
        left, right = found.groups()
        return (
            f"{left} and {right}, aligned at their right ends, have different lengths in one "
            "place, and neither is 1"
        )
    if _TRUTH.search(message):
        return (
            "an if asks one question, and an array has an answer for each entry; .all() or .any() "
            "makes one of them, and np.where chooses entry by entry"
        )
    if found := _UNPACKED.search(message):
        return _single(found[1])
    if found := _UNPACKED_FEW.search(message):
        return f"on the left {found[1]} names wait, and the right has only {found[2]} for them"
    if found := _UNPACKED_MANY.search(message):
        return f"on the left {found[1]} names wait, and the right has more than that for them"
    if found := _RESHAPED.search(message):
        return (
            f"reshape keeps all entries, and {found[2]} has no place for just {found[1]}; to have "
            "fewer of them, some must be added up or left out"
        )
    if found := _NO_PLACE.search(message):
        return _no_place(*map(int, found.groups()))
    if _NORM.search(message):
        return (
            "given a second argument, norm takes arrays with one or two axes only; without one, "
            "it takes all entries of any array"
        )
    if _INDEXED_NUMBER.search(message):
        return "what stands before the [ ] is a single number, without axes"
    if found := _UNHASHABLE.search(message):
        return _without_a_hash(found[1])
    if _SCALARS.search(message):
        return "float() and the functions of math take one number; those of NumPy take arrays"
    if _EXP.search(message):
        return "exp of more than 709.78 is larger than any float64 (88.72: any float32): it is inf"
    if _LOG.search(message):
        return "the argument of log is 0, and the result -inf"
    if _ZERO.search(message):
        return "something is divided by 0, and the result is inf"
    if found := _INVALID.search(message):
        return f"the result is nan, because of {_NO_NUMBER[found[1]]}"
    if found := _OPERATOR.search(message):
        return _unsupported(*found.groups())
    if found := _NOTHING.search(message):
        return (
            f"something is None where an object with the attribute {found[1]} is needed; "
            "is a return missing where it was made?"
        )
    if found := _MODULE.search(message):
        return f"{found[1]} has nothing with the name {found[2]}"
    if found := _UNKNOWN.search(message):
        return (
            f"no line has made {found[1]} where this one can see it: it is no argument, no "
            "variable of this function, and no cell that was run has it"
        )
    if found := _ATTRIBUTE.search(message):
        return _without_attribute(*found.groups())
    if found := _UNBOUND.search(message):
        return (
            f"no line that gives {found[1]} a value has run: does it stand in a loop that makes no "
            "round here, or behind an if?"
        )
    if found := _TOO_MANY.search(message):
        return _surplus(found[1], int(found[3]))
    if found := _TOO_FEW.search(message):
        return f"{_short(found[1])} was called without {found[2]}, which its first line asks for"
    if _DEEP.search(message):
        return (
            "a function that calls itself can do so about 1000 times; a loop with a list of what "
            "is still to do has no such limit"
        )
    return ""


def _single(kind: str) -> str:
    if kind == "NoneType":
        return (
            "what stands on the right is None; is a function that is called there still without "
            "its body, or its return?"
        )
    return f"what stands on the right is one {kind}, and several names on the left wait for it"


def _no_place(index: int, axis: int, size: int) -> str:
    text = f"axis {axis} has the places 0 to {size - 1}" if size else f"axis {axis} has no places"
    if index in (1, -2):  # what 1 and 0 are, and ~1 and ~0
        text += "; if a mask is meant, it must hold True and False: 1 and 0 are places"
    return text


def _without_attribute(kind: str, name: str) -> str:
    if kind in _PLAIN:
        return f"a plain {kind} stands where an object with the attribute {name} is needed"
    return f"no line has set the attribute {name} of this {kind}, under this name"


def _without_a_hash(kind: str) -> str:
    if kind in _PLAIN:
        return f"a {kind} can be changed, so it can be neither in a set nor a key of a dictionary"
    return (
        f"a class that defines __eq__ gets no __hash__, so a {kind} can be neither in a set nor a "
        "key of a dictionary; without __eq__ it can"
    )


def _unsupported(sign: str, left: str, right: str) -> str:
    if "tuple" in (left, right):
        return (
            "a tuple stands where a number or an array is needed; does a function that is called "
            "there return more than one thing?"
        )
    method = _METHODS.get(sign, "")
    if not method:
        return f"neither {left} nor {right} has a method for {sign}"
    return (
        f"Python asks the left operand first, {left}.__{method}__, then the right one, "
        f"{right}.__r{method}__, and neither knows what to do"
    )


def _unequal(left: str, right: str) -> str:
    return (
        f"the product sums over an axis of length {left} on its left and {right} on its right; "
        "they must be equal"
    )


def _surplus(function: str, count: int) -> str:
    text = f"{_short(function)} was called with {count} arguments, more than its first line names"
    is_method = "." in function and not function.rpartition(".")[0].endswith("<locals>")
    return f"{text}; in a method, self is the first of them" if is_method else text


def _short(function: str) -> str:
    """The name of a function without what it is defined in, but for its class."""
    return function.rpartition("<locals>.")[2]
