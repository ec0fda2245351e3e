"""A matrix: where its cursor stands, and which columns are in view."""

from __future__ import annotations

from tests.support.viewing import staged
from tui.widgets.table.matrix import Matrix, Spot


def fill(matrix: Matrix, columns: str, rows: int = 3) -> None:
    """Show a matrix with a column for each letter."""
    keys = [f"row {number}" for number in range(rows)]
    spots = {(key, column): Spot(f"{column}{at}") for at, key in enumerate(keys) for column in columns}
    matrix.show(keys, [(column, column.upper()) for column in columns], spots, ("USUAL", {}))


async def test_the_cursor_stays_in_the_first_cell_until_it_is_moved_and_then_in_its_own() -> None:
    matrix = Matrix()
    async with staged(matrix) as stage:
        fill(matrix, "def")
        fill(matrix, "abcdef")
        assert matrix.cell == ("row 0", "a"), "what comes first, came later"
        await stage.press("right", "down")
        fill(matrix, "xyzabcdef")
        assert matrix.cell == ("row 1", "b")
        matrix.go_home()
        fill(matrix, "uvwxyz")
        assert matrix.cell == ("row 0", "u")


async def test_what_is_out_of_view_is_told_by_its_side() -> None:
    matrix = Matrix()
    async with staged(matrix) as stage:
        fill(matrix, "abcdefghij")
        at_first = matrix.hidden
        assert at_first[0] == 0 < at_first[1]
        await stage.press("end")
        assert matrix.hidden == at_first[::-1]
        assert stage.text()[0].split()[-1] == "J"


async def test_a_view_that_grows_shows_what_stood_before_instead_of_nothing() -> None:
    matrix = Matrix()
    async with staged(matrix, width=60, height=8) as stage:
        fill(matrix, "abcdefghij", rows=20)
        await stage.press("end", *["down"] * 19)
        assert (matrix.hidden[0] > 0, "row 0" in stage.text()[1]) == (True, False)
        await stage.pilot.resize_terminal(200, 40)
        assert matrix.hidden == (0, 0)
        assert stage.text()[1].split()[:2] == ["row", "0"]
        assert stage.of(Matrix.Moved)


async def test_each_column_is_as_wide_as_its_name_and_what_stands_in_it() -> None:
    matrix = Matrix()
    async with staged(matrix, width=80) as stage:
        columns = [("a", "storefront-staging"), ("b", "search"), ("c", "api")]
        spots = {("model", "a"): Spot("1"), ("model", "b"): Spot("≠ 29,999/180M"), ("model", "c"): Spot("2")}
        matrix.show(["model"], columns, spots, ("USUAL", {"model": Spot("15k/40M")}))
        head, row = (line.rstrip() for line in stage.text()[:2])
        ends = [head.index(label) + len(label) for _, label in columns]
        assert [row[:end].split()[-1] for end in ends] == ["1", "29,999/180M", "2"], (head, row)
        assert ends[2] - ends[1] < ends[1] - ends[0], "the last column holds less"
        await stage.pilot.click(Matrix, offset=(ends[1] - 1, 1))
        assert matrix.cell == ("model", "b")
        await stage.pilot.click(Matrix, offset=(ends[2] - 1, 1))
        assert matrix.cell == ("model", "c")
        await stage.pilot.click(Matrix, offset=(ends[2] + 5, 1))
        assert matrix.cell == ("model", "c"), "nothing stands there"
