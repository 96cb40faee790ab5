"""No circle of imports between files, lazy ones and those for types included."""

from __future__ import annotations

from graphlib import TopologicalSorter

import grimp


def test_no_two_files_import_each_other():
    graph = grimp.build_graph("app", "hpcm_core", "coder")
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 150
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the circle
