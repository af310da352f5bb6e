//! Parts as Parquet: the rows of NDJSON in typed columns, packed with zstd.

use std::io;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::hashed_file::HashedFile;
use super::part_file::PartFile;
use crate::export::rows::{Cell, ColumnType, Row, column_type};

/// The maximum number of bytes of rows in memory, after which they are written as a group. Several parts are open at once.
const MAX_GROUP_BYTES: u64 = 8 << 20;

/// A Parquet file. Its columns are those of its first row.
pub(super) struct ParquetFile {
    state: State,
    rows: Vec<Row>,
    bytes: u64,
}

enum State {
    /// No group was written yet.
    Empty(HashedFile),
    Open(SerializedFileWriter<HashedFile>),
    /// A group could not be written.
    Failed,
}

impl PartFile for ParquetFile {
    type Record = Row;
    const EXTENSION: &'static str = "parquet";

    fn start(file: HashedFile) -> io::Result<Self> {
        Ok(Self { state: State::Empty(file), rows: Vec::new(), bytes: 0 })
    }

    fn write(&mut self, row: &Row) -> io::Result<u64> {
        let bytes = row.iter().map(|(_, cell)| size(cell)).sum();
        self.rows.push(row.clone());
        self.bytes += bytes;
        if self.bytes >= MAX_GROUP_BYTES {
            self.write_group()?;
        }
        Ok(bytes)
    }

    fn finish(mut self) -> io::Result<HashedFile> {
        self.write_group()?;
        match self.state {
            State::Empty(file) => Ok(file),
            State::Open(writer) => writer.into_inner().map_err(io_error),
            State::Failed => Err(io::Error::other("an earlier write failed")),
        }
    }
}

impl ParquetFile {
    /// Writes the rows in memory, column by column.
    fn write_group(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let Some(first) = rows.first() else { return Ok(()) };
        let mut writer = match std::mem::replace(&mut self.state, State::Failed) {
            State::Empty(file) => {
                let schema = schema(first).map_err(io_error)?;
                SerializedFileWriter::new(file, schema, Arc::new(properties()?)).map_err(io_error)?
            }
            State::Open(writer) => writer,
            State::Failed => return Err(io::Error::other("an earlier write failed")),
        };
        let mut group = writer.next_row_group().map_err(io_error)?;
        write_columns(&mut group, &rows).map_err(io_error)?;
        group.close().map_err(io_error)?;
        self.state = State::Open(writer);
        Ok(())
    }
}

fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        other => io::Error::other(other),
    }
}

fn properties() -> io::Result<WriterProperties> {
    let level = ZstdLevel::try_new(3).map_err(io_error)?;
    let created_by = concat!("unspool ", env!("CARGO_PKG_VERSION"));
    let builder = WriterProperties::builder().set_compression(Compression::ZSTD(level));
    Ok(builder.set_created_by(created_by.to_owned()).build())
}

/// Estimates the memory of a cell.
fn size(cell: &Cell) -> u64 {
    match cell {
        Cell::Null | Cell::Bool(_) | Cell::Int(_) | Cell::Float(_) | Cell::Time(_) => 8,
        Cell::Text(text) => 8 + text.len() as u64,
    }
}

/// Returns the schema: every column may be null.
fn schema(row: &Row) -> Result<TypePtr, ParquetError> {
    let fields: Result<Vec<_>, _> = row.iter().map(|(name, _)| field(name).map(Arc::new)).collect();
    Ok(Arc::new(Type::group_type_builder("row").with_fields(fields?).build()?))
}

fn field(name: &str) -> Result<Type, ParquetError> {
    let (physical, logical) = match column_type(name) {
        ColumnType::Boolean => (PhysicalType::BOOLEAN, None),
        ColumnType::Integer => (PhysicalType::INT64, None),
        ColumnType::Number => (PhysicalType::DOUBLE, None),
        ColumnType::Time => {
            let micros = LogicalType::timestamp(true, TimeUnit::MICROS);
            (PhysicalType::INT64, Some(micros))
        }
        ColumnType::Text => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let builder = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
    builder.with_logical_type(logical).build()
}

fn write_columns(
    group: &mut SerializedRowGroupWriter<'_, HashedFile>,
    rows: &[Row],
) -> Result<(), ParquetError> {
    let names: Vec<&'static str> = rows.first().into_iter().flatten().map(|(name, _)| *name).collect();
    for (at, name) in names.iter().enumerate() {
        let Some(mut column) = group.next_column()? else { break };
        let cells = || rows.iter().map(|row| row.get(at).map_or(&Cell::Null, |(_, cell)| cell));
        match column_type(name) {
            ColumnType::Boolean => write_column::<BoolType>(&mut column, cells().map(boolean)),
            ColumnType::Integer | ColumnType::Time => {
                write_column::<Int64Type>(&mut column, cells().map(integer))
            }
            ColumnType::Number => write_column::<DoubleType>(&mut column, cells().map(number)),
            ColumnType::Text => write_column::<ByteArrayType>(&mut column, cells().map(text)),
        }?;
        column.close()?;
    }
    Ok(())
}

fn write_column<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    column.typed::<T>().write_batch(&values, Some(&levels), None)?;
    Ok(())
}

fn boolean(cell: &Cell) -> Option<bool> {
    if let Cell::Bool(yes) = cell { Some(*yes) } else { None }
}

fn integer(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Int(number) => Some(*number),
        Cell::Time(stamp) => Some(stamp.0),
        Cell::Null | Cell::Bool(_) | Cell::Float(_) | Cell::Text(_) => None,
    }
}

fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Int(number) => Some(*number as f64),
        Cell::Float(number) => Some(*number),
        Cell::Null | Cell::Bool(_) | Cell::Time(_) | Cell::Text(_) => None,
    }
}

fn text(cell: &Cell) -> Option<ByteArray> {
    (*cell != Cell::Null).then(|| ByteArray::from(cell.to_plain_text().into_bytes()))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn every_value_is_read_back_from_several_groups_and_missing_ones_are_null() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.parquet");
        let mut file = ParquetFile::start(HashedFile::create(&path).unwrap()).unwrap();
        let row = |number: i64| {
            let cell = |cell: Cell| if number % 2 == 0 { cell } else { Cell::Null };
            vec![
                ("number", Cell::Int(number)),
                ("text", cell(Cell::text(format!("{number}é").repeat(1 << 18)))),
                ("score", cell(Cell::Float(number as f64 / 4.0))),
                ("is_error", cell(Cell::Bool(number % 4 == 0))),
                ("created_at", cell(Cell::Time(Timestamp(number * 1_000_000)))),
            ]
        };
        let bytes: u64 = (0..100).map(|number| file.write(&row(number)).unwrap()).sum();
        assert!(bytes > 2 * MAX_GROUP_BYTES, "{bytes}");
        file.finish().unwrap().commit().unwrap();

        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        assert!(reader.num_row_groups() > 1);
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 100);
        for (number, row) in (0i64..).zip(&rows) {
            assert_eq!(row.get_long(0).unwrap(), number);
            assert_eq!(row.get_string(1).is_ok(), number % 2 == 0);
            if number % 2 == 0 {
                assert!(row.get_string(1).unwrap().starts_with(&format!("{number}é")));
                assert_eq!(row.get_double(2).unwrap(), number as f64 / 4.0);
                assert_eq!(row.get_bool(3).unwrap(), number % 4 == 0);
                assert_eq!(row.get_timestamp_micros(4).unwrap(), number * 1_000_000);
            }
        }
    }
}
