"""``numbadp completion``: a script that completes commands and options in a shell."""

import argparse

SHELLS = ("bash", "zsh", "fish")

_BASH = """\
_numbadp() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" command="" one
  COMPREPLY=()
  for one in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$one" in {commands}) command="$one"; break ;; esac
  done
  case "$command" in
{cases}
    *) COMPREPLY=($(compgen -W "{words}" -- "$word")); return ;;
  esac
  if [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word"))
  else # line by line: names have blanks, and may be patterns
    while IFS= read -r one; do COMPREPLY+=("$one"); done < <(compgen -f -- "$word")
  fi
}}
complete -o filenames -F _numbadp numbadp
"""
# zsh reads bash's scripts by halves: its own way, which it has to be told to load first.
_ZSH = """\
_numbadp() {{
  local command="" one
  local -a options
  for one in "${{(@)words[2,CURRENT-1]}}"; do
    case "$one" in {commands}) command="$one"; break ;; esac
  done
  case "$command" in
{cases}
    *) compadd -- {words}; return ;;
  esac
  if [[ "${{words[CURRENT]}}" == -* ]]; then compadd -- $options; else _files; fi
}}
(( $+functions[compdef] )) || {{ autoload -U compinit && compinit -i }}
compdef _numbadp numbadp
"""


def add_completion(commands) -> None:
    """Add the command.

    Parameters
    ----------
    commands : argparse action
        Of the root parser.
    """
    parser = commands.add_parser(
        "completion",
        help="print a script that completes commands and options in a shell",
        description='Print a script for your shell. bash: eval "$(numbadp completion bash)" in its '
        'start-up file; zsh: eval "$(numbadp completion zsh)"; fish: numbadp completion fish | '
        "source.",
    )
    parser.set_defaults(module="completion")
    parser.add_argument("shell", choices=SHELLS)


def run(options) -> int:
    """Print the script.

    Parameters
    ----------
    options : argparse.Namespace
        With ``shell``.

    Returns
    -------
    int
        0.
    """
    from numbadp.cli.arguments import build_parser

    known = _options(build_parser())
    print(_SCRIPTS[options.shell](known), end="")
    return 0


def _options(parser: argparse.ArgumentParser) -> dict[str, list[str]]:
    """Long options of each command."""
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return {
        name: sorted(
            flag
            for action in own._actions
            for flag in action.option_strings
            if flag.startswith("--")
        )
        for name, own in commands.choices.items()
    }


def _cased(known: dict[str, list[str]], script: str, kept: str) -> str:
    """A script that keeps the options of each command by such a line."""
    cases = "\n".join(
        f"    {name}) {kept.format(' '.join(flags))} ;;" for name, flags in known.items()
    )
    return script.format(commands="|".join(known), words=" ".join(known), cases=cases)


def _bash(known: dict[str, list[str]]) -> str:
    return _cased(known, _BASH, 'local options="{}"')


def _zsh(known: dict[str, list[str]]) -> str:
    return _cased(known, _ZSH, "options=({})")


def _fish(known: dict[str, list[str]]) -> str:
    lines = [f"complete -c numbadp -n __fish_use_subcommand -f -a '{' '.join(known)}'"]
    for name, flags in known.items():
        lines += [
            f"complete -c numbadp -n '__fish_seen_subcommand_from {name}' -l {flag[2:]}"
            for flag in flags
        ]
    return "\n".join(lines) + "\n"


_SCRIPTS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
