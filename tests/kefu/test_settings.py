"""What `kefu serve` refuses to start with, and what it says then."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from kefu.settings import load_rulebook, load_settings
from kernel.errors import SettingsError

MINIMAL = "shop:\n  name: {zh: 店, en: Shop}\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "kefu.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_projects_own_rulebook_is_understood() -> None:
    rulebook = load_rulebook(Path(__file__).parents[2] / "kefu.yml")

    assert rulebook.shop.name.zh
    assert rulebook.rules.returns.window_days == 7


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("shop: [", "line 1"),
        (MINIMAL + "limits: {burst: many}\n", "limits.burst"),
        (MINIMAL + "limits: {bursts: 3}\n", "bursts"),
        (MINIMAL + "understanding: {threshold: 40}\n", "understanding.threshold"),
        (MINIMAL + "understanding: {treshold: 0.4}\n", "treshold"),
        (MINIMAL + "understanding: {threshold: 0.7, sure: 0.6}\n", "understanding.sure"),
        (MINIMAL + "rules: {identity: {proofs: []}}\n", "identity.proofs"),
        (MINIMAL + "rules: {identity: {proofs: [shoe_size]}}\n", "identity.proofs"),
        (MINIMAL + "rules: {identity: {proofs: [one_time_code]}}\n", "nobody sends codes"),
        (MINIMAL + "  codes: {url: shop.example}\n", "shop.codes.url"),
        (MINIMAL + "rules: {returns: {windowdays: 3}}\n", "rules.returns.windowdays"),
        (MINIMAL + "rules: {returns: {window_days: soon}}\n", "returns.window_days"),
        ("shop:\n  name: {zh: 店, en: S}\n  order_number_pattern: '('\n", "order_number_pattern"),
        ("", "kefu.yml"),
    ],
)
def test_a_rulebook_that_is_not_understood_is_refused_with_its_place(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(SettingsError, match=told) as refused:
        load_rulebook(write(tmp_path, text))

    assert "\n" not in str(refused.value)


def test_a_missing_rulebook_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"kefu.yml is missing"):
        load_rulebook(tmp_path / "kefu.yml")


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    write(tmp_path, MINIMAL)

    first = load_settings(tmp_path, tmp_path / "var", {})
    again = load_settings(tmp_path, tmp_path / "var", {})

    assert first.secrets == again.secrets
    assert stat.S_IMODE((tmp_path / "var" / "secrets.json").stat().st_mode) == 0o600


def test_the_environment_overrides_a_kept_secret_and_is_not_written_down(tmp_path: Path) -> None:
    write(tmp_path, MINIMAL)

    settings = load_settings(tmp_path, tmp_path / "var", {"KEFU_API_TOKEN": "from-outside"})

    assert settings.secrets.api_token == "from-outside"
    assert "from-outside" not in (tmp_path / "var" / "secrets.json").read_text()


def test_a_data_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    write(tmp_path, MINIMAL)
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(SettingsError, match="cannot write to"):
        load_settings(tmp_path, tmp_path / "file" / "var", {})


def test_a_database_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    write(tmp_path, MINIMAL)

    with pytest.raises(SettingsError, match="DATABASE_URL"):
        load_settings(tmp_path, tmp_path / "var", {"DATABASE_URL": "mysql://x"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MINIMAL + "limits: {messages_per_minute: 0}\n", "limits.messages_per_minute"),
        (MINIMAL + "limits: {burst: -1}\n", "limits.burst"),
        (MINIMAL + "assistant: {turn_time_limit: 0}\n", "assistant.turn_time_limit"),
        (MINIMAL + "rules: {timezone: Asia/Atlantis}\n", "Asia/Atlantis"),
    ],
)
def test_a_number_that_cannot_work_is_refused_at_once(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load_rulebook(write(tmp_path, text))


def test_a_rulebook_in_another_encoding_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "kefu.yml").write_bytes("shop: {name: {zh: 店, en: S}}".encode("gb18030"))

    with pytest.raises(SettingsError, match="not UTF-8"):
        load_rulebook(tmp_path / "kefu.yml")


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"api_token": 3}'])
def test_a_damaged_file_of_keys_is_one_sentence(tmp_path: Path, kept: str) -> None:
    write(tmp_path, MINIMAL)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secrets.json").write_text(kept)

    with pytest.raises(SettingsError, match=r"secrets\.json is damaged"):
        load_settings(tmp_path, tmp_path / "var", {})


@pytest.mark.parametrize(
    "environment",
    [{"DATABASE_URL": "postgresql://kefu@host:port/x"}, {"REDIS_URL": "localhost:6379"}],
)
def test_an_address_that_is_none_is_refused(tmp_path: Path, environment: dict[str, str]) -> None:
    write(tmp_path, MINIMAL)

    with pytest.raises(SettingsError, match=next(iter(environment))):
        load_settings(tmp_path, tmp_path / "var", environment)
