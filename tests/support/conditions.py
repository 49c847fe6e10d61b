"""Conditions written as text, as the clinical specification prints them, read into the language."""

from __future__ import annotations

import ast

from rulesets import language as lang
from rulesets.facts import FACTS
from rulesets.thresholds import THRESHOLDS, Threshold

_SIGNS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in",
    ast.GtE: ">=", ast.LtE: "<=", ast.Gt: ">", ast.Lt: "<",
}  # fmt: skip


def condition(text: str) -> lang.Condition:
    """The condition a text such as ``rt.planned and drug.status in ['active', 'draft']`` stands for."""
    return _read(ast.parse(text.strip(), mode="eval").body)


def switch_and_condition(text: str) -> tuple[Threshold | None, lang.Condition]:
    """The switch a text begins with, such as ``cfg.enable_trials and ...``, and the condition besides.

    A rule carries its switch beside its condition: one that is off is not compiled at all, so that
    it is not even left open.
    """
    match ast.parse(text.strip(), mode="eval").body:
        case ast.BoolOp(ast.And(), [ast.Attribute(ast.Name("cfg"), key), *others]):
            rest = others[0] if len(others) == 1 else ast.BoolOp(ast.And(), others)
            return THRESHOLDS[key], _read(rest)
        case whole:
            return None, _read(whole)


def _read(node: ast.expr) -> lang.Condition:
    match node:
        case ast.BoolOp(ast.And(), values):
            return lang.all_of(*(_read(value) for value in values))
        case ast.BoolOp(ast.Or(), values):
            return lang.any_of(*(_read(value) for value in values))
        case ast.UnaryOp(ast.Not(), operand):
            return lang.none_of(_read(operand))
        case ast.Call(ast.Name(name), [argument]) if name.startswith("any_"):
            return lang.Some(name.removeprefix("any_"), _read(argument))  # type: ignore[arg-type]
        case ast.Call(ast.Name(name), [argument]):
            return lang.Compare(FACTS[ast.unparse(argument)], name)  # type: ignore[arg-type]
        case ast.Attribute():
            name = ast.unparse(node)
            return lang.Compare(FACTS[name], "==", True)
        case ast.Compare(left, [sign], [right]):
            return lang.Compare(FACTS[ast.unparse(left)], _SIGNS[type(sign)], _operand(right))  # type: ignore[arg-type]
    raise ValueError(ast.dump(node))


def _operand(node: ast.expr) -> lang.Operand:
    if isinstance(node, ast.Attribute):
        return THRESHOLDS[node.attr]
    value = ast.literal_eval(node)
    return tuple(value) if isinstance(value, list) else value
