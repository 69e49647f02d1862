"""The network as arrays: the form in which graph questions are cheap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Graph:
    """Nodes and links by number, from 0.

    Attributes
    ----------
    nodes : int
        How many nodes there are.
    start, end : ndarray, shape (n_links,)
        The node at each end of a link.
    passes : ndarray, shape (n_links,)
        Whether water can pass the link: it is in use, and no closed valve.
    is_source : ndarray, shape (n_nodes,)
        Whether water comes from this node.
    is_one_way : ndarray, shape (n_links,), optional
        Whether water passes the link from start to end only: a check valve, a pump.
    """

    nodes: int
    start: Ints
    end: Ints
    passes: Bools
    is_source: Bools
    is_one_way: Bools | None = None

    @property
    def links(self) -> int:
        """How many links there are."""
        return len(self.start)

    @cached_property
    def back(self) -> Bools:
        """Which links water can pass from end to start."""
        return self.passes if self.is_one_way is None else self.passes & ~self.is_one_way

    def turned(self) -> Graph:
        """Return the graph in which all water runs the other way."""
        return replace(self, start=self.end, end=self.start)

    def without(self, *, links: Ints | None = None, nodes: Ints | None = None) -> Graph:
        """Return the graph in which these links, and all links at these nodes, are shut."""
        passes = self.passes.copy()
        if links is not None:
            passes[links] = False
        is_source = self.is_source
        if nodes is not None and len(nodes):
            gone = np.zeros(self.nodes, dtype=bool)
            gone[nodes] = True
            passes &= ~(gone[self.start] | gone[self.end])
            is_source = is_source & ~gone
        return replace(self, passes=passes, is_source=is_source)

    def degree(self) -> Ints:
        """Return how many links meet at each node, open or shut."""
        found: Ints = np.bincount(self.start, minlength=self.nodes) + np.bincount(
            self.end, minlength=self.nodes
        )
        return found

    def pieces(self) -> Ints:
        """Return for each node the number of the piece it is in, joined by links that pass."""
        start, end = self.start[self.passes], self.end[self.passes]
        matrix = sparse.coo_array(
            (np.ones(len(start), dtype=np.int8), (start, end)), shape=(self.nodes, self.nodes)
        )
        labels: Ints = sparse.csgraph.connected_components(matrix, directed=False)[1].astype(
            np.int64
        )
        return labels

    def fed(self) -> Bools:
        """Return which nodes a source reaches through links that pass, in the way they pass."""
        if not self.is_source.any():
            return np.zeros(self.nodes, dtype=bool)
        if (self.passes & ~self.back).any():
            return self._reached()
        pieces = self.pieces()
        with_source = np.zeros(pieces.max() + 1, dtype=bool)
        with_source[pieces[self.is_source]] = True
        found: Bools = with_source[pieces]
        return found

    def _reached(self) -> Bools:
        """Return which nodes water reaches from the sources; a node before them stands for all."""
        sources = np.flatnonzero(self.is_source)
        begin = np.concatenate(
            [np.full(len(sources), self.nodes), self.start[self.passes], self.end[self.back]]
        )
        end = np.concatenate([sources, self.end[self.passes], self.start[self.back]])
        matrix = sparse.coo_array(
            (np.ones(len(begin), dtype=np.int8), (begin, end)), shape=(self.nodes + 1,) * 2
        )
        order = sparse.csgraph.breadth_first_order(
            matrix.tocsr(), self.nodes, return_predecessors=False
        )
        found = np.zeros(self.nodes + 1, dtype=bool)
        found[order] = True
        return found[:-1]
