"""What library pages say of object-relational mappers -> one vocabulary: the words that tell models, queries, reads and writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from readiness.types.rulebook import Orm


class Words(Struct, frozen=True):
    """The words of all pages together; a row's mapper is known by its model only, so that a method's name belongs to all."""

    models: Mapping[str, str]  # base class of models -> the mapper
    table: Mapping[str, str]  # mapper -> the option of the inner class that names the table
    unit_of_work: frozenset[str]  # mappers that write at the commit what was set or made
    tables: frozenset[str]  # constructors of tables
    relations: frozenset[str]
    backwards: Mapping[str, frozenset[str]]  # mapper -> relations that give the other end an attribute, too
    managers: frozenset[str]
    queries: frozenset[str]  # give rows, or a query for rows, of the model that they are handed
    scalars: frozenset[str]  # end a chain: what they give are no rows
    writes: frozenset[str]
    relation_writes: frozenset[str]  # of a relation's list: writes only where what stands before says so
    session_writes: frozenset[str]
    class_writes: frozenset[str]
    class_reads: frozenset[str]
    views: tuple[str, ...]  # beginnings of the names of classes that work on one model
    editing: tuple[str, ...]  # parts of the names of those that write it
    registers: frozenset[str]


def words_of(orms: Iterable[Orm]) -> Words:
    """The union over all pages."""
    rows = list(orms)

    def every(key: str) -> frozenset[str]:
        return frozenset(word for orm in rows for word in getattr(orm, key))

    relation_writes = every("relation_writes")
    return Words(
        models={name: orm.name for orm in rows for name in orm.models},
        table={orm.name: orm.table for orm in rows if orm.table},
        unit_of_work=frozenset(orm.name for orm in rows if orm.unit_of_work),
        tables=every("tables"),
        relations=every("relations"),
        backwards={orm.name: frozenset(orm.backwards) for orm in rows if orm.backwards},
        managers=every("managers"),
        queries=every("queries"),
        scalars=every("scalars"),
        writes=every("writes") | relation_writes,
        relation_writes=relation_writes,
        session_writes=every("session_writes"),
        class_writes=every("class_writes"),
        class_reads=every("class_reads"),
        views=tuple(sorted(every("views"))),
        editing=tuple(sorted(every("editing"))),
        registers=every("registers"),
    )
