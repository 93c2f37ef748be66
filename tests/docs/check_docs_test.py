#!/usr/bin/env python3
"""Proves that each rule of check_docs.py can fail: a small tree that is right, then one breach each."""
import pathlib
import subprocess
import sys
import tempfile

CHECK = pathlib.Path(__file__).with_name("check_docs.py")
RIGHT = {
    "README.md": "`./dev demo` and `./dev test`, see [rules](docs/rules.md#how-to)\n\n"
                 "<!-- from: rules/default/a.yaml -->\n```yaml\nname: shop\n```\n",
    "rules/default/a.yaml": "# A shop.\nname: shop\n",
    "docs/rules.md": "# Rules\n\n## How to\n\nSee `server/base/a.h` and `server/base/{a,b}.h`.\n",
    "docs/plugins.md": "```cpp\nint a();\n```\n",
    "docs/examples/birthday.cc": "// An example.\nint  a();\n",
    "docs/architecture.md": "| `server/base` | values | – |\n| `server/clv` | models | base |\n\n`Walk::Place` goes on.\n",
    "docs/life_of_a_decision.md": "It begins with `Place`.\n",
    "docs/features.md": "| `purchases` | int | so far |\n",
    "docs/expressions.md": "```\npurchases > 3 && has(customer.email)\n```\n",
    "server/rules/features.cc": '{"purchases", DType::kInt64,\n "so far"},\n',
    "docs/adr/README.md": "[1](0001-one.md)\n",
    "docs/adr/0001-one.md": "# 0001: One\n",
    "server/base/a.h": "class Walk { void Place(); };\n",
    "server/base/b.h": "\n",
    "server/clv/a.h": "\n",
    "tests/structure/check_structure.py": 'MAY_INCLUDE = {\n    "server/base": [],\n    "server/clv": ["base"],\n}\n',
}
BREACHES = {
    "a link that leads nowhere": {"docs/rules.md": "## How to\n[x](nowhere.md)\n"},
    "a link to a heading that is gone": {"docs/rules.md": "# Rules\n"},
    "a path that is gone": {"docs/rules.md": "## How to\n`server/base/gone.h`\n"},
    "one path of several": {"docs/rules.md": "## How to\n`server/base/{a,gone}.h`\n"},
    "a function that is gone": {"docs/life_of_a_decision.md": "Then `Walk::Vanish`.\n"},
    "a command that is not named": {"README.md": "`./dev demo`\n"},
    "an excerpt that has changed": {"rules/default/a.yaml": "name: store\n"},
    "an excerpt from nowhere": {"README.md": "`./dev demo` `./dev test`\n\n```yaml\nname: shop\n```\n"},
    "an example that is not the built one": {"docs/plugins.md": "```cpp\nint b();\n```\n"},
    "a layer drawn wrongly": {"docs/architecture.md": "| `server/base` | v | – |\n| `server/clv` | m | base, rules |\n"},
    "a feature that is described otherwise": {"docs/features.md": "| `purchases` | double | so far |\n"},
    "a feature that is not described": {"docs/features.md": ""},
    "an example that names no feature": {"docs/expressions.md": "```\nlast_purchase > 3\n```\n"},
    "a folder that is not drawn": {"docs/architecture.md": "| `server/base` | values | – |\n"},
    "a decision that is not listed": {"docs/adr/0002-two.md": "# 0002: Two\n"},
}


def run(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        subprocess.run(["git", "-C", folder, "init", "-q"], check=True)
        return subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True)


def main():
    right = run(RIGHT)
    failures = [] if right.returncode == 0 else [f"the right tree is refused: {right.stdout}{right.stderr}"]
    for name, breach in BREACHES.items():
        result = run({**RIGHT, **breach})
        if result.returncode != 1 or len(result.stdout.splitlines()) != 1 or result.stderr:
            failures.append(f"{name}: exit {result.returncode}: {result.stdout}{result.stderr}")
    print("\n".join(failures) or f"{len(BREACHES)} breaches are found")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
