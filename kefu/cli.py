"""The command line of Kefu: one function a command, every failure one sentence."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.backends.offers.model import ClaimGround
from kefu.models import LATEST, choose, chosen_model, kept_models
from kefu.training import ModelRefused, ensure_model, model_path
from kernel.errors import KefuError, SettingsError

ROOT = Path(__file__).resolve().parent.parent
_LOG_BYTES = 50_000_000
_LOGS_KEPT = 5
_LAST_PORT = 65535


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every foreseeable failure is one sentence on stderr and exit code 1."""
    arguments = _parser().parse_args(argv)
    os.chdir(ROOT)  # Rasa reads config.yml, domain.yml and data/ from the working directory
    try:
        result: int = arguments.run(arguments)
    except KefuError as error:
        print(f"kefu: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        told = error.strerror or str(error) or type(error).__name__
        print(f"kefu: {told}{place}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from kernel.database import trouble_in

        trouble = trouble_in(error)
        if trouble is None:
            raise
        print(f"kefu: the database cannot be used: {trouble}", file=sys.stderr)
        return 1
    return result


def say(sentence: str) -> None:
    """Tell the operator what is going on."""
    print(f"kefu: {sentence}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kefu", description="The service desk of an online shop.")
    parser.set_defaults(run=_help_of(parser))
    commands = parser.add_subparsers(metavar="COMMAND")

    def command(name: str, text: str, run: object) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        return sub

    def with_data(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
        sub.add_argument(
            "--data",
            type=lambda path: Path(path).absolute(),
            default=ROOT / "var",
            help="folder of everything a run writes (default: var)",
        )
        return sub

    serve = with_data(command("serve", "serve shop, widget, channels and console", _serve))
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_port, default=5005)
    serve.add_argument(
        "--role",
        choices=["all", "actions"],
        default="all",
        help="all: everything; actions: only Rasa's action server",
    )
    train = with_data(command("train", "train the assistant if its data has no model yet", _train))
    train.add_argument(
        "--force",
        action="store_true",
        help="take the new model even if it reads the golden sentences worse than the one in use",
    )
    models = command("models", "the trained models: list them, go back to one", None)
    models.set_defaults(run=_help_of(models))
    of_models = models.add_subparsers(metavar="list|use")
    with_data(of_models.add_parser("list", help="the models that are kept")).set_defaults(
        run=_models_list
    )
    use = with_data(
        of_models.add_parser("use", help="use this model from now on; a running server loads it")
    )
    use.add_argument("name", help="a name of `kefu models list`, its beginning, or: latest")
    use.set_defaults(run=_models_use)
    parse = with_data(
        command(
            "parse",
            "understand lines of text: one Rasa parse result a line, by the rules of kefu.yml and "
            "the shop's catalogue, where it has a database or kefu.yml names its server",
            _parse,
        )
    )
    parse.add_argument("--jsonl", action="store_true", help='read {"text": ...} lines from stdin')
    parse.add_argument("text", nargs="?", help="one text to understand")
    chat = with_data(command("chat", "talk to the assistant in the terminal", _chat))
    chat.add_argument("--language", choices=["zh", "en"], default=None)
    shop = command("shop", "load, save or serve the embedded shop", None)
    shop.set_defaults(run=_help_of(shop))
    shops = shop.add_subparsers(metavar="import|export|book|serve|describe")
    load = with_data(shops.add_parser("import", help="replace the shop by a JSON file"))
    load.add_argument("file", type=lambda path: Path(path).absolute())
    load.set_defaults(run=_shop_import)
    with_data(shops.add_parser("export", help="print the shop as JSON")).set_defaults(
        run=_shop_export
    )
    book = with_data(
        shops.add_parser("book", help="say where goods that come back are, or decide on a claim")
    )
    book.add_argument("number", help="of the return, the exchange or the claim")
    book.add_argument(
        "step", help="sent_back, received, refunded; replaced, completed; granted, refused"
    )
    book.add_argument(
        "--because",
        metavar="GROUND",
        choices=tuple(ClaimGround),
        help=f"why a claim is refused, as its shopper is told: {', '.join(ClaimGround)}",
    )
    book.set_defaults(run=_shop_book)
    shops.add_parser(
        "describe", help="print the OpenAPI description of a shop's HTTP API"
    ).set_defaults(run=_shop_describe)
    shop_server = with_data(
        shops.add_parser("serve", help="serve the shop over HTTP (docs/shop-api.md)")
    )
    shop_server.add_argument("--host", default="127.0.0.1")
    shop_server.add_argument("--port", type=_port, default=5007)
    shop_server.set_defaults(run=_shop_serve)
    agents = command("agents", "the people at the desk", None)
    agents.set_defaults(run=_help_of(agents))
    add = with_data(
        agents.add_subparsers(metavar="add").add_parser("add", help="add an agent or supervisor")
    )
    add.add_argument("login")
    add.add_argument("--name", required=True)
    add.add_argument("--role", choices=["agent", "supervisor"], default="agent")
    add.add_argument("--password", help="asked for if left out")
    add.set_defaults(run=_agents_add)
    sandbox = with_data(
        command(
            "wechat-sandbox",
            "phones with WeChat and 微信客服 for a local `kefu serve`",
            _wechat_sandbox,
        )
    )
    sandbox.add_argument("--host", default="127.0.0.1")
    sandbox.add_argument("--port", type=_port, default=5006)
    sandbox.add_argument(
        "--kefu",
        default="http://127.0.0.1:5005",
        help="address of `kefu serve` (default: %(default)s)",
    )
    with_data(command("wechat-menu", "publish the menu of kefu.yml at WeChat", _wechat_menu))
    doctor = with_data(command("doctor", "what is installed, reachable, misconfigured", _doctor))
    doctor.add_argument("--port", type=_port, default=5005)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {_LAST_PORT}")
    return int(text)


def _log_to(path: Path) -> None:
    """Write everything that is logged or warned of to ``path``; Rasa warns while it is imported.

    A full file becomes ``path``.1 and so on; the oldest goes.
    """
    from logging.handlers import RotatingFileHandler

    from kernel.log import configure_logging

    configure_logging(
        RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOGS_KEPT, encoding="utf-8")
    )


def _help_of(parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    def show(_: argparse.Namespace) -> int:
        parser.print_help()
        return 2

    return show


def _serve(arguments: argparse.Namespace) -> int:
    from kefu.listening import bound_socket
    from kefu.settings import load_settings

    settings = load_settings(ROOT, arguments.data)
    bound = bound_socket(arguments.host, arguments.port)
    model, latest = _model_in_use(settings.models, settings.data, say)
    _log_to(settings.data / ("kefu.log" if arguments.role == "all" else "actions.log"))
    say("starting ...")
    if arguments.role == "actions":
        from kefu.action_server import serve_actions

        return asyncio.run(serve_actions(settings, bound, say))
    from kefu.serve import serve

    return asyncio.run(serve(settings, model, bound, say, latest=latest))


def _model_in_use(models: Path, data: Path, tell: Callable[[str], None]) -> tuple[Path, Path]:
    """The model to begin with, and the latest that may follow; trained now if there is none."""
    chosen = chosen_model(models, data)
    if chosen is not None:
        tell(f"using {chosen.name}, as `kefu models use` said")
        latest = model_path(ROOT, models)
        return chosen, latest if latest.exists() else chosen
    try:
        latest = ensure_model(ROOT, models, tell)
    except ModelRefused as refusal:
        tell(str(refusal))
        latest = kept_models(models)[0].path
        tell(f"going on with {latest.name}")
    return latest, latest


def _train(arguments: argparse.Namespace) -> int:
    models = ROOT / "models"
    in_use = chosen_model(models, arguments.data)
    model = ensure_model(ROOT, models, say, in_use=in_use, force=arguments.force)
    say(f"the model for the present data is {model.relative_to(ROOT)}")
    if in_use is not None and in_use != model:
        say(f"{in_use.name} stays in use until: kefu models use {LATEST}")
    return 0


def _models_list(arguments: argparse.Namespace) -> int:
    models = ROOT / "models"
    latest, chosen = model_path(ROOT, models), chosen_model(models, arguments.data)
    kept = kept_models(models)
    for model in kept:
        golden = ", ".join(f"{key} {share:.1%}" for key, share in model.golden.items())
        marks = [
            *(["in use"] if model.path == (chosen or latest) else []),
            *(["of the present data"] if model.path == latest else []),
        ]
        print(
            f"{model.name}  {model.trained_at.astimezone():%Y-%m-%d %H:%M}"
            f"  golden {golden or 'not measured'}{'  ' if marks else ''}{', '.join(marks)}"
        )
    if not kept:
        say("there is no model yet; kefu train makes one")
    return 0


def _models_use(arguments: argparse.Namespace) -> int:
    name = choose(ROOT / "models", arguments.data, arguments.name)
    say(f"{name} is used from now on; a server that runs on {arguments.data} loads it at once")
    return 0


def _parse(arguments: argparse.Namespace) -> int:
    from kefu.parsing import know_catalogue, parse_lines
    from kefu.settings import load_settings

    if not arguments.jsonl and arguments.text is None:
        print("kefu: give a text, or --jsonl and lines on standard input", file=sys.stderr)
        return 2

    def tell(text: str) -> None:
        print(text, file=sys.stderr)

    settings = load_settings(ROOT, arguments.data)
    model, _ = _model_in_use(settings.models, settings.data, tell)
    if unknown := asyncio.run(know_catalogue(settings)):
        tell(f"kefu: {unknown}")
    lines = sys.stdin if arguments.jsonl else [json.dumps({"text": arguments.text})]
    parse_lines(model, settings.rulebook, lines, sys.stdout)
    return 0


def _chat(arguments: argparse.Namespace) -> int:
    from kefu.chat import chat
    from kefu.settings import load_settings

    settings = load_settings(ROOT, arguments.data)
    model, _ = _model_in_use(settings.models, settings.data, say)
    _log_to(settings.data / "chat.log")
    return asyncio.run(chat(settings, model, arguments.language))


def _shop_import(arguments: argparse.Namespace) -> int:
    from kefu.settings import load_settings
    from kefu.shop_exchange import import_file

    counts = asyncio.run(import_file(load_settings(ROOT, arguments.data), arguments.file))
    say("imported " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    return 0


def _shop_export(arguments: argparse.Namespace) -> int:
    from kefu.settings import load_settings
    from kefu.shop_exchange import export

    json.dump(
        asyncio.run(export(load_settings(ROOT, arguments.data))),
        sys.stdout,
        ensure_ascii=False,
        indent=1,
    )
    print()
    return 0


def _shop_book(arguments: argparse.Namespace) -> int:
    from kefu.goods import book_goods
    from kefu.settings import load_settings

    settings = load_settings(ROOT, arguments.data)
    asyncio.run(book_goods(settings, arguments.number, arguments.step, arguments.because))
    say(f"{arguments.number} {arguments.step}")
    return 0


def _shop_describe(_: argparse.Namespace) -> int:
    from connectors.backends.http.description import description

    print(json.dumps(description(), ensure_ascii=False, indent=1))
    return 0


def _shop_serve(arguments: argparse.Namespace) -> int:
    from kefu.listening import bound_socket
    from kefu.settings import load_settings
    from kefu.shop_server import serve_shop

    settings = load_settings(ROOT, arguments.data)
    bound = bound_socket(arguments.host, arguments.port)
    _log_to(settings.data / "shop.log")
    return asyncio.run(serve_shop(settings, bound, say))


def _agents_add(arguments: argparse.Namespace) -> int:
    from kefu.people import add_agent
    from kefu.settings import load_settings

    password = arguments.password
    if password is None:
        try:
            password = getpass.getpass("password: ")
        except EOFError:
            raise SettingsError("no password was given") from None
    asyncio.run(
        add_agent(
            load_settings(ROOT, arguments.data),
            arguments.login,
            arguments.name,
            password,
            arguments.role,
        )
    )
    say(f"added {arguments.role} {arguments.login}")
    return 0


def _wechat_sandbox(arguments: argparse.Namespace) -> int:
    from kefu.listening import bound_socket
    from kefu.sandbox.serving import serve_sandbox
    from kefu.settings import load_settings

    settings = load_settings(ROOT, arguments.data)
    bound = bound_socket(arguments.host, arguments.port)
    return asyncio.run(serve_sandbox(settings, arguments.kefu, bound, say))


def _wechat_menu(arguments: argparse.Namespace) -> int:
    from kefu.settings import load_settings
    from kefu.wechat import publish_menu

    count = asyncio.run(publish_menu(load_settings(ROOT, arguments.data)))
    say(f"published a menu of {count} entries")
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from kefu.doctor import examine

    return asyncio.run(examine(ROOT, arguments.data, arguments.port, print))
