package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/klauspost/compress/zstd"
)

// RawPage is a page as received, its body packed.
type RawPage struct {
	RunID, Source, Stream, Slice string
	Ordinal                      int
	URL                          string // without secrets
	Records                      string // dotted path to the records inside the body
	Columns                      []string
	Count                        int
	First                        int64
	FetchedAt                    time.Time
	Body                         PackedBody
}

// PackedBody is the body of a page in a tenth or so of its bytes: what waits to
// be written is held in memory, and the engine then stores it as it is.
type PackedBody struct {
	frame []byte // one Zstandard frame
	size  int    // bytes before compression
}

// Len is the number of bytes that the body takes now.
func (b PackedBody) Len() int { return len(b.frame) }

// Packer packs bodies, one at a time.
type Packer struct {
	encoder *zstd.Encoder
	scratch []byte
}

// NewPacker returns a packer.
func NewPacker() *Packer {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err) // the options above are right
	}
	return &Packer{encoder: encoder}
}

// Pack compresses a body, which is not kept.
func (p *Packer) Pack(body []byte) PackedBody {
	p.scratch = p.encoder.EncodeAll(body, p.scratch[:0])
	return PackedBody{frame: bytes.Clone(p.scratch), size: len(body)}
}

// Unpack gives back a body exactly as it was received, from the columns body
// and body_bytes of raw_pages.
func Unpack(frame []byte, size int) ([]byte, error) {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(max(uint64(size), 8<<20)))
	if err != nil {
		return nil, err
	}
	defer decoder.Close()
	body, err := decoder.DecodeAll(frame, make([]byte, 0, size))
	if err == nil && len(body) != size {
		err = fmt.Errorf("it holds %d bytes instead of %d", len(body), size)
	}
	if err != nil {
		return nil, fmt.Errorf("unpack the body of a raw page: %w", err)
	}
	return body, nil
}

// WriteRawPages keeps pages for [RawPagesDays] days. The same body of a stream
// is kept once.
func (w *Warehouse) WriteRawPages(ctx context.Context, pages ...RawPage) error {
	rows := make([][]any, len(pages))
	for i, p := range pages {
		columns := ""
		if p.Columns != nil {
			text, err := json.Marshal(p.Columns)
			if err != nil {
				return err
			}
			columns = string(text)
		}
		rows[i] = []any{p.Source, p.Stream, hashOf(p.Body.frame), p.Slice, int64(p.Ordinal), p.URL, p.Records, columns, int64(p.Count), p.First,
			p.FetchedAt, p.RunID, bytesOf(p.Body.frame), int64(p.Body.size), w.version(), uint8(0)}
	}
	return w.writeOps(ctx, rawPagesTable, "raw", rows)
}
