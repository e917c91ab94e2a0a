"""Templates are compiled once for each language, so that fixed sentences stand in the page already translated and escaped."""

from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import flask
import jinja2
from flask import Flask, request
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer

from portal.words import language, t


def install(app: Flask) -> None:
    """Let the app's templates be compiled by language, and write addresses quickly."""
    app.jinja_environment = Templates  # type: ignore[assignment]
    app.jinja_env.globals["url_for"] = address


def address(endpoint: str, **values: Any) -> str:
    """Return the address of a route within the site; a page holds a hundred of them, most the same as on the page before."""
    return _address(request.script_root, endpoint, **values)


@lru_cache(maxsize=4096)
def _address(_root: str, endpoint: str, **values: Any) -> str:
    return flask.url_for(endpoint, **values)


class _Translation(NodeTransformer):
    """Puts the sentence itself in the place of `t('a sentence')`; a sentence with values is left for the request."""

    def visit_Call(self, node: nodes.Call, *args: Any, **kwargs: Any) -> nodes.Node:  # noqa: N802 (named by Jinja)
        self.generic_visit(node, *args, **kwargs)
        is_t = isinstance(node.node, nodes.Name) and node.node.name == "t"
        if is_t and not node.kwargs and isinstance(node.args[0], nodes.Const):
            return nodes.Const(t(node.args[0].value), lineno=node.lineno)
        return node


class _Compiler(CodeGenerator):
    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 (named by Jinja)
        super().visit_Template(_Translation().visit(node), frame)


class Templates(Environment):
    """The templates, an overlay for each language; a page takes all its parts from the overlay it begins in."""

    code_generator_class = _Compiler

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self._spoken: dict[str, jinja2.Environment] = {}

    def get_or_select_template(
        self,
        template_name_or_list: str | Template | list[str | Template],
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 (named by Jinja)
    ) -> Template:
        """Return a template in the language of the request."""
        if self.overlayed:
            return super().get_or_select_template(template_name_or_list, parent, globals)
        code = language.get()
        chosen = self._spoken.get(code) or self._spoken.setdefault(code, self.overlay())
        return chosen.get_or_select_template(template_name_or_list, parent, globals)
