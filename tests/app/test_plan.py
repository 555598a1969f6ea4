from __future__ import annotations

from app.plan import training_plan
from app.settings import read_settings


def test_the_encoders_of_a_training_are_those_of_the_settings() -> None:
    plan = training_plan(read_settings({}))
    assert (plan.english, plan.others, plan.base) == (("minilm-l6-v2", "use-multilingual"), ("use-multilingual",), "minilm-l6-v2")
    one = training_plan(read_settings({"BATON_ENCODER": "st:/models/one", "BATON_ENCODER_ENGLISH": ""}), fine_tune=True)
    assert (one.english, one.others, one.base, one.fine_tune) == (("st:/models/one",), ("st:/models/one",), "st:/models/one", True)
