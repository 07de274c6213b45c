package embedded

import (
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// Revisions of the Native format at which a block's bytes change.
const (
	revisionBlockInfo     = 1     // a header with bucket number and overflow flag
	revisionSerialization = 54454 // a flag for custom serialization beside each column
)

// isHello recognises the question with which clickhouse-go opens a connection.
func isHello(sql string) bool {
	return strings.Join(strings.Fields(sql), " ") == "SELECT displayName(), version(), revision(), timezone()"
}

// helloBlock answers it. The block is written at the revision that the client
// announced, and says that the server's revision is 0: from then on the client
// reads and writes Native blocks as libchdb does, without block info and
// serialization flags.
func helloBlock(revision int, version, timezone string) []byte {
	var b proto.Buffer
	if revision >= revisionBlockInfo {
		b.PutUVarInt(1)
		b.PutBool(false)
		b.PutUVarInt(2)
		b.PutInt32(-1)
		b.PutUVarInt(0)
	}
	b.PutUVarInt(4) // columns
	b.PutUVarInt(1) // rows
	column := func(name, typ string) {
		b.PutString(name)
		b.PutString(typ)
		if revision >= revisionSerialization {
			b.PutBool(false)
		}
	}
	column("displayName()", "String")
	b.PutString("huikuan")
	column("version()", "String")
	b.PutString(version)
	column("revision()", "UInt32")
	b.PutUInt32(0)
	column("timezone()", "String")
	b.PutString(timezone)
	return b.Buf
}

// emptyBlock is a Native block of the given columns without rows, so that a
// client learns the columns of an empty result.
func emptyBlock(columns [][2]string) []byte {
	var b proto.Buffer
	b.PutUVarInt(uint64(len(columns)))
	b.PutUVarInt(0)
	for _, c := range columns {
		b.PutString(c[0])
		b.PutString(c[1])
	}
	return b.Buf
}

// maxBlock is how many bytes go into one compressed block.
const maxBlock = 1 << 20

// blockWriter writes ClickHouse's compressed blocks.
type blockWriter struct {
	w io.Writer
	c *compress.Writer
}

func newBlockWriter(w io.Writer, method compress.Method) *blockWriter {
	return &blockWriter{w: w, c: compress.NewWriter(compress.LevelZero, method)}
}

func (b *blockWriter) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		n := min(len(p), maxBlock)
		if err := b.c.Compress(p[:n]); err != nil {
			return written, err
		}
		if _, err := b.w.Write(b.c.Data); err != nil {
			return written, err
		}
		written += n
		p = p[n:]
	}
	return written, nil
}

// encoder compresses an answer as its Content-Encoding says.
type encoder interface {
	io.WriteCloser
	Flush() error
}

func newEncoder(w io.Writer, encoding string) (encoder, error) {
	switch encoding {
	case "zstd":
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	case "br":
		return brotli.NewWriterLevel(w, 3), nil
	case "gzip":
		return gzip.NewWriterLevel(w, 3)
	default:
		return zlib.NewWriterLevel(w, 3)
	}
}
