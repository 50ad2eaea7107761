"""Accounts and tokens."""

from __future__ import annotations

import argparse

from dashboard.access.role import User
from dashboard.cli.adapter import Adapters
from dashboard.cli.terminal import fail
from dashboard.ports.account import Accounts
from dashboard.settings import Settings


def run_user(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    adapters.prepare()
    accounts = adapters.accounts()
    if args.what == "list":
        return _list(accounts)
    if not args.name:
        return fail(f"user {args.what} needs a NAME")
    if args.what == "disable":
        return 0 if accounts.disable_account(args.name) else fail(f"there is no account {args.name!r}")
    known = accounts.account(args.name)
    if args.what == "token" and known is not None:
        return _one_more_token(accounts, args, *known)
    return _add(accounts, args, adapters, known)


def _list(accounts: Accounts) -> int:
    for a in accounts.accounts():
        print(f"{a['id']}\t{a['name']}\t{a['role']}\t{a['unit']}\t{'disabled' if a['disabled'] else 'active'}")
    return 0


def _add(accounts: Accounts, args: argparse.Namespace, adapters: Adapters, known: tuple[User, bool] | None) -> int:
    units = {u.code: u for u in adapters.reader().places.units()}
    unit = args.unit or (known[0].unit if known else next(u.code for u in units.values() if u.parent is None))
    if unit not in units:
        return fail(f"unit {unit!r} is not known; `gridcommand user token --help`")
    user = User(args.name, args.name, args.role or (known[0].role if known else "api"), unit)
    try:
        print(accounts.add_account(user, only=known is not None and known[1]))  # what was disabled comes back without its old tokens
    except ValueError as e:
        return fail(str(e))
    return 0


def _one_more_token(accounts: Accounts, args: argparse.Namespace, user: User, disabled: bool) -> int:
    """A token for an account as it is: it is neither enabled nor changed by the way."""
    if disabled:
        return fail(f"account {user.id!r} is disabled; `gridcommand user add {user.id}` enables it again")
    if args.role not in (None, user.role) or args.unit not in (None, user.unit):
        is_now = f"account {user.id!r} is {user.role} of unit {user.unit}"
        return fail(f"{is_now}; `gridcommand user add {user.id} --role ROLE --unit CODE` changes that, a token does not")
    print(accounts.add_token(user.id))
    return 0
