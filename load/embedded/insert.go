package embedded

import "io"

// insertDefaults are the settings of an insert unless the request says
// otherwise. The whole upload becomes one block, which the engine commits at
// once: a cancelled or broken upload leaves nothing. A NULL for a column that
// is not nullable is an error instead of a silent zero.
func insertDefaults() []setting {
	return []setting{
		{"async_insert", "0"},
		{"input_format_null_as_default", "0"},
		{"max_insert_block_size", "100000000"},
		{"min_insert_block_size_rows", "100000000"},
		{"min_insert_block_size_bytes", "0"},
	}
}

// uploadChunk is how many bytes of an upload are handed to the engine at once.
const uploadChunk = 1 << 20

// runInsert moves the request's data into the engine and commits it only when
// the upload came to its proper end.
func (s *session) runInsert(a *answer, req *request) error {
	if req.selects {
		return newException(codeNotImplemented, "INSERT … SELECT … FROM input() is not implemented in the embedded warehouse; insert into a table and select from that")
	}
	format := first(req.statement.format, "Values")
	in, err := s.insert(req.head, format, req.params)
	if err != nil {
		return err
	}
	defer in.close()
	buf := make([]byte, uploadChunk)
	for ended := false; !ended; {
		n := 0
		for n < len(buf) && !ended {
			m, err := req.data.Read(buf[n:])
			n += m
			switch {
			case err == io.EOF: // and nothing else: a broken upload gives io.ErrUnexpectedEOF
				ended = true
			case err != nil:
				return bodyError(err)
			}
		}
		if err := in.write(buf[:n]); err != nil {
			return err
		}
	}
	rows, bytes, err := in.done()
	if err != nil {
		return err
	}
	a.summary.writtenRows, a.summary.writtenBytes = rows, bytes
	a.nothing()
	return nil
}
