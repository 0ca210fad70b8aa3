"""The table of names is what the SDK's models say."""

from tools import spellings


def test_the_table_is_as_the_models_spell_the_names() -> None:
    assert spellings.TARGET.read_text(encoding="utf-8") == spellings.module()
