#!/usr/bin/env python3
"""Holds the documents against the tree: links, paths, functions, excerpts, the layer table, the list of decisions.

Usage: check_docs.py ROOT. Prints each breach as file:line: what.
"""
import ast
import itertools
import pathlib
import re
import subprocess
import sys

ROOTS = ("server", "plugins", "rules", "clients", "tests", "bench", "docs", "proto", "cmake")
# Pages that tell the code's path: what looks like a function in their text must exist.
TELLS_FUNCTIONS = ("docs/life_of_a_decision.md", "docs/architecture.md")
LAYERS = "docs/architecture.md"
README_NAMES = ("./dev demo", "./dev test")


def tracked(root):
    out = subprocess.run(["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard"],
                         capture_output=True, text=True, check=True).stdout
    return sorted(root / line for line in out.splitlines() if (root / line).is_file())


def squeezed(text):
    return "".join(text.split())


def anchors(text):
    """The names that GitHub gives to headings."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", text, re.M):
        plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        found.add(plain.replace(" ", "-"))
    return found


def prose(text):
    """Lines with their numbers, without fenced blocks."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line


def expand(path):
    """`a/{b,c}.h` as a/b.h and a/c.h."""
    parts = [part.split(",") for part in re.split(r"[{}]", path)]
    for choice in itertools.product(*parts):
        yield "".join(choice)


class Check:
    def __init__(self, root):
        self.root = root
        self.breaches = []
        self.files = tracked(root)
        self.pages = [f for f in self.files if f.suffix == ".md"]
        self.code = "\n".join(f.read_text(errors="replace") for f in self.files
                              if f.suffix in (".h", ".cc", ".c", ".proto")
                              and f.relative_to(root).parts[0] in ("server", "plugins", "proto"))
        self.words = set(re.findall(r"\w+", self.code))

    def say(self, page, number, what):
        self.breaches.append(f"{page.relative_to(self.root)}:{number}: {what}")

    def links(self, page, number, line):
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            there = (page.parent / path).resolve() if path else page
            if not there.exists():
                self.say(page, number, f"the link {target} leads nowhere")
            elif anchor and there.suffix == ".md" and anchor not in anchors(there.read_text()):
                self.say(page, number, f"the link {target} names no heading")

    def paths(self, page, number, line):
        for span in re.findall(r"`([^`]+)`", line):
            if not re.fullmatch(r"(?:%s)/[\w./{},*-]*" % "|".join(ROOTS), span):
                continue
            for path in expand(span):
                if not any(self.root.glob(path.rstrip("/"))):
                    self.say(page, number, f"`{path}` does not exist")

    def functions(self, page, number, line):
        for span in re.findall(r"`([^`]+)`", line):
            if not re.fullmatch(r"[A-Za-z_]\w*(?:(?:::|->)\w+)*(?:\([\w&]*\))?", span):
                continue
            for word in re.findall(r"[A-Za-z_]\w*", span):
                if re.match(r"[A-Z][a-z]", word) and word not in self.words:
                    self.say(page, number, f"`{span}`: the code has no {word}")

    def excerpts(self, page):
        """A block in a language must say where it stands: <!-- from: path --> in the line above."""
        lines = page.read_text().splitlines()
        for number, line in enumerate(lines):
            if not re.match(r"```(cpp|yaml)$", line):
                continue
            end = lines.index("```", number)
            source = re.match(r"<!-- from: (\S+) -->$", lines[number - 1])
            if source is None:
                self.say(page, number + 1, "says not where the excerpt is from: <!-- from: path -->")
            elif not (self.root / source[1]).is_file():
                self.say(page, number, f"{source[1]} does not exist")
            elif squeezed("\n".join(lines[number + 1:end])) not in squeezed((self.root / source[1]).read_text()):
                self.say(page, number + 1, f"differs from {source[1]}")

    def example(self, page, path):
        """The first block of C++ of a page is the example that is built."""
        block = re.search(r"^```cpp\n(.*?)^```", page.read_text(), re.M | re.S)
        if block is None or squeezed(block[1]) not in squeezed((self.root / path).read_text()):
            self.say(page, 1, f"the first block of C++ differs from {path}")

    def features(self):
        """Every built-in feature has its row, in the order of the source and in its words."""
        page = self.root / "docs/features.md"
        source = (self.root / "server/rules/features.cc").read_text()
        types = {"kTimestamp": "timestamp", "kInt64": "int", "kDouble": "double", "kString": "string", "kBool": "bool"}
        wanted = [f"| `{name}` | {types[dtype]} | {meaning} |" for name, dtype, meaning
                  in re.findall(r'\{"(\w+)", DType::(\w+),\s*"([^"]+)"\}', source)]
        rows = [line for line in page.read_text().splitlines() if line.startswith("| `")]
        for number, (row, want) in enumerate(itertools.zip_longest(rows, wanted), 1):
            if row != want:
                self.say(page, number, f"row {number} of the features is {row}; by server/rules/features.cc it is {want}")
                return
        # Examples of expressions name features, attributes (customer.…) or what stands in the example itself.
        examples = self.root / "docs/expressions.md"
        known = {row.split("`")[1] for row in rows}
        block = re.search(r"^```\n(.*?)^```", examples.read_text(), re.M | re.S)[1]
        for name in re.findall(r"(?<![\w.'])[a-z]\w*(?![\w(.'])", re.sub(r"'[^']*'", "''", block)):
            if name not in known | {"in", "has"}:
                self.say(examples, 1, f"the example names {name}, which is no feature")

    def layers(self):
        page = self.root / LAYERS
        source = (self.root / "tests/structure/check_structure.py").read_text()
        rules = ast.literal_eval(re.search(r"^MAY_INCLUDE = (\{.*?^\})", source, re.M | re.S)[1])
        drawn = {}
        for number, line in enumerate(page.read_text().splitlines(), 1):
            row = re.match(r"\| `((?:server|clients)/[\w/]+)` \|.*\| ([\w/, –]*) \|$", line)
            if row is None:
                continue
            drawn[row[1]] = True
            named = [name for name in re.split(r"[,\s–]+", row[2]) if name]
            if row[1] in rules and sorted(named) != sorted(rules[row[1]]):
                self.say(page, number, f"{row[1]} may include: {', '.join(rules[row[1]])}")
        for folder in rules:
            if folder not in drawn:
                self.say(page, 1, f"the table of folders lacks `{folder}`")

    def decisions(self):
        index = self.root / "docs/adr/README.md"
        listed = index.read_text()
        for page in self.pages:
            if page.parent == index.parent and page != index and f"]({page.name})" not in listed:
                self.say(index, 1, f"{page.name} is not listed")

    def run(self):
        readme = self.root / "README.md"
        for page in self.pages:
            tells = str(page.relative_to(self.root)) in TELLS_FUNCTIONS
            for number, line in prose(page.read_text()):
                self.links(page, number, line)
                self.paths(page, number, line)
                if tells:
                    self.functions(page, number, line)
        for name in README_NAMES:
            if name not in readme.read_text():
                self.say(readme, 1, f"does not name {name}")
        self.excerpts(readme)
        self.example(self.root / "docs/plugins.md", "docs/examples/birthday.cc")
        self.features()
        self.layers()
        self.decisions()
        print("\n".join(self.breaches) or f"{len(self.pages)} pages agree with the tree")
        return 1 if self.breaches else 0


if __name__ == "__main__":
    sys.exit(Check(pathlib.Path(sys.argv[1]).resolve()).run())
