"""Completion: the script by which a shell completes commands, options and their choices."""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    r"""Print the completion script for SHELL.

    \b
    bash:  offramp completion bash > ~/.local/share/bash-completion/completions/offramp
    zsh:   offramp completion zsh > "${fpath[1]}/_offramp"
    fish:  offramp completion fish > ~/.config/fish/completions/offramp.fish
    """
    from click.shell_completion import get_completion_class

    from starter.cli import root

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(found(root, {}, "offramp", "_OFFRAMP_COMPLETE").source())
