package load

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/klauspost/compress/zstd"
)

// RawPage is a page as received, its body packed, with everything that its
// mapping needs beside the body.
type RawPage struct {
	RunID, Source, Stream, Slice string
	Ordinal                      int
	URL                          string // without secrets
	Records                      string // dotted path to the records inside the body
	Columns                      []string
	Count                        int
	First                        int64
	Lines                        []int64 // line numbers of the records where they do not follow on First; else nil
	FetchedAt                    time.Time
	Version                      uint64 // of the rows it gave
	Pass                         string
	File                         string
	Lookups                      string   // as [LookupKeeper.Pack] wrote it
	Replaces                     *Parents // whose rows are all on the page; nil if none
	Body                         PackedBody
}

// Parents are documents whose rows in other tables are all known: what else
// the warehouse has of them is gone.
type Parents struct {
	Tables []string `json:"tables"`           // that hold rows of them
	Column string   `json:"column"`           // that names the parent
	Values []string `json:"values"`           // the parents
	Stream string   `json:"stream,omitempty"` // that gave the rows; empty = the one of the page
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
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false)) // the engine has checksums of its own
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

// Hash names a page among those of its stream: pages of equal content that map
// alike have one. Rejected records refer to it.
func (p RawPage) Hash() string {
	h := sha256.New()
	h.Write(p.Body.frame)
	if p.Replaces != nil || p.Lookups != "" || p.File != "" { // else as it always was
		fmt.Fprintf(h, "\x00%s\x00%s\x00%s", p.File, p.Lookups, p.replaces())
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (p RawPage) replaces() string {
	if p.Replaces == nil {
		return ""
	}
	return jsonText(p.Replaces)
}

// WriteRawPages keeps pages for [RawPagesDays] days. The same page of a stream
// is kept once.
func (w *Warehouse) WriteRawPages(ctx context.Context, pages ...RawPage) error {
	rows := make([][]any, len(pages))
	for i, p := range pages {
		columns, lines := "", ""
		if p.Columns != nil {
			columns = jsonText(p.Columns)
		}
		if p.Lines != nil {
			lines = jsonText(p.Lines)
		}
		rows[i] = []any{p.Source, p.Stream, p.Hash(), p.Slice, int64(p.Ordinal), p.URL, p.Records, columns, int64(p.Count), p.First,
			p.FetchedAt, p.RunID, bytesOf(p.Body.frame), int64(p.Body.size), p.Version, p.Pass, p.File, p.Lookups, lines, p.replaces(), w.version(), uint8(0)}
	}
	return w.writeOps(ctx, rawPagesTable, "raw", rows)
}

// jsonText writes lists and objects of texts and numbers, which cannot fail.
func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
