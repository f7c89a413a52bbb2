"""KingbaseES 人大金仓, which speaks the protocol of PostgreSQL and names itself otherwise."""

from typing import Any

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

SPOKEN = (12, 0)
"""The PostgreSQL whose language KingbaseES V8 speaks."""


class KingbaseDialect(PGDialect_psycopg):
    """PostgreSQL's dialect without reading a version that is not PostgreSQL's."""

    supports_statement_cache = True

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:
        return SPOKEN
