"""Workbooks (XLSX, and old XLS) through calamine."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, WorksheetNotFound

from sources.readers.header import carried_right, column_names
from sources.readers.rows import Layout, ReadError
from sources.readers.values import ROWS_PER_BATCH, ValueRows, value_text

ZIP_MARK = b"PK\x03\x04"
OLE_MARK = bytes.fromhex("D0CF11E0A1B11AE1")
# An encrypted workbook is an OLE container with a stream of this name; calamine only says that it knows no such format.
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
SAMPLE_SIZE = 1024


class Workbook(ValueRows):
    """Rows of one sheet; `row` is the number that the spreadsheet shows.

    Raises ReadError for a file that is no workbook, is damaged or protected, a missing sheet, a missing or repeated
    header. The sheet's cells are held in memory, the rows made from them are not. Formulas give their stored values.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        super().__init__(path, layout)
        self._cells = self._open()
        self.sheet = self._cells.name
        last = layout.title_rows + layout.header_rows
        rows = [[value_text(cell) for cell in cells] for cells in itertools.islice(self._cells.iter_rows(), last)]
        if len(rows) < last:
            cause = f"只有 {len(rows)} 行，应有标题 {layout.title_rows} 行和表头 {layout.header_rows} 行"
            raise ReadError(path, cause, "请核对是否选错了文件或工作表", self.sheet)
        self.header = column_names(self._carry_merged(rows)[layout.title_rows :], path, self.sheet, last)

    def _open(self) -> CalamineSheet:
        try:
            # An open file lets calamine look at the content and not at the file's extension.
            with self.path.open("rb") as file:
                workbook = CalamineWorkbook.from_filelike(file)
                names = workbook.sheet_names
                if self.layout.sheet is None:
                    return workbook.get_sheet_by_index(0)
                return workbook.get_sheet_by_name(self.layout.sheet)
        except OSError as error:
            raise ReadError(self.path, f"无法打开（{error.strerror}）", "请核对文件是否存在以及读取权限") from error
        except PasswordError as error:
            raise self._protected() from error
        except WorksheetNotFound as error:
            raise ReadError(self.path, f"没有工作表“{self.layout.sheet}”，只有：{'、'.join(names)}", "请核对工作表名称") from error
        except CalamineError as error:
            raise self._not_a_workbook(error) from error

    def _not_a_workbook(self, error: CalamineError) -> ReadError:
        content = self.path.read_bytes()
        if not content:
            return ReadError(self.path, "文件是空的（0 字节）", "请重新导出")
        if content.startswith(OLE_MARK) and ENCRYPTED_STREAM in content:
            return self._protected()
        if content.startswith((ZIP_MARK, OLE_MARK)):
            return ReadError(self.path, f"工作簿已损坏或没有传完（{error}）", "请核对文件大小并重新导出")
        if content[:SAMPLE_SIZE].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            cause = "内容其实是网页（HTML 或 XML）表格，只是用了工作簿的扩展名"
            return ReadError(self.path, cause, "请用 Excel 或 WPS 打开，另存为 xlsx 后重新报送")
        return ReadError(self.path, "内容不是工作簿，可能是文本文件改了扩展名", "请核对格式，另存为 xlsx 后重新报送")

    def _protected(self) -> ReadError:
        return ReadError(self.path, "工作簿有打开密码", "请去掉密码后重新导出")

    def _carry_merged(self, rows: list[list[str]]) -> list[list[str]]:
        """Repeat names of upper header rows over the cells merged with them, or over empty ones if nothing is merged."""
        title, upper = self.layout.title_rows, self.layout.title_rows + self.layout.header_rows - 1
        first_column = (self._cells.start or (0, 0))[1]
        ranges = [area for area in self._cells.merged_cell_ranges or () if title <= area[0][0] < upper]
        if not ranges:
            return [*rows[:title], *carried_right(rows[title:])]
        for (row, left), (_, right) in ranges:
            start = left - first_column
            rows[row][start : right - first_column + 1] = [rows[row][start]] * (right - left + 1)
        return rows

    def _read(self) -> Iterator[pa.RecordBatch]:
        skipped = self.layout.title_rows + self.layout.header_rows
        rows = itertools.islice(enumerate(self._cells.iter_rows(), 1), skipped, None)
        while chunk := list(itertools.islice(rows, ROWS_PER_BATCH)):
            columns: Iterator[Sequence[object]] = zip(*(cells for _, cells in chunk), strict=True)
            yield self._value_batch([number for number, _ in chunk], columns)
