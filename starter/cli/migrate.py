"""For whoever runs the system: bring the ledger's database to this build's tables, as its owner."""

from __future__ import annotations

import click

from starter.cli.session import Session, reading


@click.command()
@click.option(
    "--through",
    type=click.Choice(["pre", "post"]),
    default="post",
    show_default=True,
    help="'pre' leaves out what must wait until no older worker runs.",
)
@reading
@click.pass_obj
def migrate(session: Session, through: str) -> None:
    """Bring the ledger's database up to date, as the owner of its tables (OFFRAMP_OWNER_DATABASE_URL). A second run changes nothing."""
    from activities.settings import SettingsError
    from activities.store.migrate import migrate as bring_up_to_date
    from starter.cli.show import say_json

    owner = session.settings().owner_database_url
    if owner is None:
        raise SettingsError(
            "Not set: OFFRAMP_OWNER_DATABASE_URL.",
            "Set it, or OFFRAMP_OWNER_DATABASE_URL_FILE, to the address with the role offramp_owner; 'offramp up' migrates by itself.",
        )
    applied = bring_up_to_date(owner, through="pre" if through == "pre" else "post")
    if session.as_json:
        say_json({"applied": applied})
    elif applied:
        click.echo(f"Applied: {', '.join(applied)}.")
    else:
        click.echo("The database is up to date.")
