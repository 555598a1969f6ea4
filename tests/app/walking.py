"""Walks an application: every route with its method, every page and every command of the console, and a request that fits each route."""

from __future__ import annotations

import importlib
import pkgutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from nicegui import app as nicegui_app

import console
from console.obeying import Obeying

INSIDE_NICEGUI = "/_nicegui"  # NiceGUI's own files and its connection, which console/guard.py keeps


def routes_of(app: FastAPI) -> set[str]:
    """Every route as "METHOD /path", those that are mounted or included too; pages of the console stand under /console."""
    found = {f"{method} {path}" for method, path in _walk(app.routes, "")}
    pages = {f"{method} /console{path}" for method, path in _walk(nicegui_app.routes, "") if not path.startswith(INSIDE_NICEGUI)}
    return found | pages


def _walk(routes: Iterable[Any], prefix: str) -> Iterator[tuple[str, str]]:
    for route in routes:
        if hasattr(route, "original_router"):  # a router that was included
            yield from _walk(route.original_router.routes, prefix + route.include_context.prefix)
        elif hasattr(route, "path"):
            for method in set(getattr(route, "methods", None) or {"MOUNT"}) - {"HEAD"}:
                yield method, prefix + route.path


def command_classes() -> list[type[Any]]:
    """Every class of the console that obeys commands of a page."""
    for module in pkgutil.walk_packages(console.__path__, "console."):
        importlib.import_module(module.name)
    found: list[type[Any]] = []
    waiting: list[type[Any]] = [Obeying]
    while waiting:
        below = waiting.pop().__subclasses__()
        found += below
        waiting += below
    return sorted(found, key=lambda one: one.__name__)


def body_for(app: FastAPI, route: str) -> Any:
    """The smallest JSON body that fits the route's schema; None when it takes none."""
    method, path = route.split(" ", 1)
    known = app.openapi()
    operation = known["paths"].get(path, {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return _sample(schema, known["components"]["schemas"]) if schema else None


def query_for(app: FastAPI, route: str) -> dict[str, Any]:
    """A value for each query parameter that the route must have."""
    method, path = route.split(" ", 1)
    known = app.openapi()
    operation = known["paths"].get(path, {}).get(method.lower(), {})
    wanted = [one for one in operation.get("parameters", ()) if one["in"] == "query" and one.get("required")]
    return {one["name"]: _sample(one["schema"], known["components"]["schemas"]) for one in wanted}


def _sample(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        return _sample(known[schema["$ref"].rsplit("/", 1)[1]], known)
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    if "anyOf" in schema:
        return _sample(schema["anyOf"][0], known)
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        return {name: _sample(properties[name], known) for name in schema.get("required", ()) if name in properties}
    if schema.get("type") == "array":
        return [_sample(schema["items"], known)] * schema.get("minItems", 0)
    return _simple(schema)


def _simple(schema: Mapping[str, Any]) -> Any:
    formats = {"uuid": str(uuid.UUID(int=7)), "date-time": "2030-01-01T10:00:00Z", "date": "2030-01-01"}
    if schema.get("type") == "string":
        return formats.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1)))
    if schema.get("type") in {"integer", "number"}:
        return max(1, schema.get("minimum", 1))
    return False
