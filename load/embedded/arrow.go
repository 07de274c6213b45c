package embedded

import (
	"bytes"
	"encoding/binary"
	"io"
)

// arrowJoiner makes one Arrow IPC stream of many. Each chunk is a stream of its
// own: a schema message, record batches, and an end mark. The whole has the
// first schema, all batches, and one end mark. Chunks have no dictionaries,
// because the engine writes LowCardinality as plain values unless it is asked
// otherwise.
type arrowJoiner struct {
	schema []byte // the first message, to compare with
}

// Framing of the IPC stream: every message is continuation mark, metadata
// length, metadata (a flatbuffer), body; a metadata length of 0 ends the stream.
const (
	arrowContinuation = 0xFFFFFFFF
	arrowPrefix       = 8
)

var arrowEnd = []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}

func (j *arrowJoiner) next(w io.Writer, chunk []byte) error {
	broken := newException(codeLogical, "The engine's Arrow stream is not in the expected framing")
	if len(chunk) < arrowPrefix || binary.LittleEndian.Uint32(chunk) != arrowContinuation {
		return broken
	}
	// A schema message has no body, so its length is that of its metadata.
	size := arrowPrefix + int(binary.LittleEndian.Uint32(chunk[4:]))
	if size > len(chunk) {
		return broken
	}
	schema := chunk[:size]
	switch {
	case j.schema == nil:
		j.schema = bytes.Clone(schema)
	case bytes.Equal(j.schema, schema):
		chunk = chunk[size:]
	default:
		return newException(codeLogical, "The engine changed the schema within an Arrow stream")
	}
	rest, ok := bytes.CutSuffix(chunk, arrowEnd)
	if !ok {
		return broken
	}
	_, err := w.Write(rest)
	return err
}

func (j *arrowJoiner) end(w io.Writer) error {
	if j.schema == nil {
		return nil
	}
	_, err := w.Write(arrowEnd)
	return err
}
