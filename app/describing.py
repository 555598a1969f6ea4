"""What is known of a model in a folder; and whether this node can use the live one, or one that lies here."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from app.models import LocalModels, NoModelError, blob_key, blob_store, current_model, folder_digest, pack
from app.project import open_project
from app.settings import Settings
from app.wiring import Base, build_base
from insights.registry import ADOPTED, Doer, ModelFacts, activate, find_active, record_model
from nlu.artefact import read_manifest
from nlu.errors import ModelError


def describe(folder: Path, *, intents: tuple[str, ...]) -> ModelFacts:
    """What is known of the model in a folder. Raises ModelError when its nlu part is not one of this version."""
    manifest, digest = read_manifest(folder / "nlu"), folder_digest(folder)
    cross_validated = {group: score["accuracy"] for group, score in manifest["scores"].items()}
    return ModelFacts(
        id=f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{digest[:8]}",
        digest=digest,
        size=sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()),
        encoders=manifest["encoders"],
        scores={"cross_validated": cross_validated, "examples": manifest["examples"]},
        examples=manifest["examples"],
        intents=intents,
        languages=tuple(manifest["languages"]),
        fine_tuned=any("tuned" in name for name in manifest["encoders"]),
    )


async def prepare_model(settings: Settings, url: str) -> bool:
    """Whether the live model can be used by this version on this node; one that lies here and is in no database yet is taken in.

    Raises BatonError that says what is wrong with the live model.
    """
    base, models = build_base(url, pool_size=1), LocalModels(settings.models_dir, blob_store(settings, url))
    try:
        async with base.database.transaction() as session:
            live = await find_active(session)
        if live is not None:
            check_usable(await asyncio.to_thread(models.ensure, live.model))
            models.note_current(live.model.id)
            return True
        return await _adopt(base, models)
    finally:
        await base.database.close()


def check_usable(folder: Path) -> None:
    """Raises BatonError when a model is not one of this version."""
    read_manifest(folder / "nlu")
    open_project(folder / "project")


async def _adopt(base: Base, models: LocalModels) -> bool:
    try:
        folder = current_model(models.folder)
    except NoModelError:
        return False
    check_usable(folder)
    model = replace(describe(folder, intents=_intents(folder)), id=folder.name)
    models.blobs.put(blob_key(model.digest), pack(folder))
    by = Doer("command line: start", "found at the start")
    async with base.database.transaction() as session:
        await record_model(session, model, by=by)
        await activate(session, base.ledger, model.id, by=by, reason=ADOPTED)
    return True


def _intents(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(json.loads((folder / "nlu" / "model.json").read_text(encoding="utf-8"))["intents"]["classes"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The model in {folder} cannot be read: {error}") from None
