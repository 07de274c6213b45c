package embedded

import (
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// externalTable is a table that a client sends along with a query, as a file
// of a multipart form: its rows stand under its name for that one request.
type externalTable struct {
	name, format, structure string
	data                    []byte
}

// maxExternal bounds the external tables of one request, in bytes.
const maxExternal = 256 << 20

func isForm(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
}

// takeForm reads the statement and the external tables of a multipart form.
func (req *request) takeForm(r *http.Request, q url.Values, body io.Reader) error {
	_, boundary, ok := strings.Cut(r.Header.Get("Content-Type"), "boundary=")
	if !ok {
		return newException(codeBadArguments, "The multipart form has no boundary")
	}
	form := multipart.NewReader(io.LimitReader(body, maxExternal), strings.Trim(boundary, `"`))
	sql := q.Get("query")
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return bodyError(err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return bodyError(err)
		}
		name := part.FormName()
		switch {
		case name == "query":
			sql += string(data)
		case part.FileName() != "" || q.Has(name+"_structure") || q.Has(name+"_types"):
			req.external = append(req.external, &externalTable{
				name:      name,
				format:    first(q.Get(name+"_format"), "TabSeparated"),
				structure: first(q.Get(name+"_structure"), numbered(q.Get(name+"_types"))),
				data:      data,
			})
		}
	}
	if strings.TrimSpace(sql) == "" {
		return newException(codeSyntax, "Empty query")
	}
	req.statement = parseStatement(sql)
	req.data = strings.NewReader(req.statement.data)
	return nil
}

// ofExternal tells whether a URL parameter describes an external table.
func (req *request) ofExternal(name string) bool {
	for _, t := range req.external {
		if name == t.name+"_format" || name == t.name+"_structure" || name == t.name+"_types" {
			return true
		}
	}
	return false
}

// numbered turns a list of types into columns _1, _2, …
func numbered(types string) string {
	if types == "" {
		return ""
	}
	var columns []string
	for i, t := range splitTypes(types) {
		columns = append(columns, "_"+strconv.Itoa(i+1)+" "+t)
	}
	return strings.Join(columns, ", ")
}

// splitTypes cuts at the commas outside parentheses.
func splitTypes(s string) []string {
	var out []string
	depth, from := 0, 0
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out, from = append(out, strings.TrimSpace(s[from:i])), i+1
			}
		}
	}
	return append(out, strings.TrimSpace(s[from:]))
}

// createExternal puts the request's external tables into the session as
// temporary tables. The structure comes from the client, so it is checked to
// be one statement of the kind it should be.
func (s *session) createExternal(req *request) error {
	for _, t := range req.external {
		if t.structure == "" {
			return newException(codeBadArguments, "The external table "+t.name+" has no structure; send "+t.name+"_structure")
		}
		create := "CREATE TEMPORARY TABLE " + quoteName(t.name) + " (" + t.structure + "\n) ENGINE = Memory"
		if err := s.checkStructure(t, create, req.readOnly); err != nil {
			return err
		}
		if err := s.exec(create); err != nil {
			return err
		}
		in, err := s.insert("INSERT INTO "+quoteName(t.name), t.format, nil)
		if err != nil {
			return err
		}
		err = in.write(t.data)
		if err == nil {
			_, _, err = in.done()
		}
		in.close()
		if err != nil {
			return err
		}
	}
	return nil
}

// checkStructure makes sure that a structure, which is the client's text, is
// nothing but a list of columns.
func (s *session) checkStructure(t *externalTable, create string, readOnly bool) error {
	wrong := newException(codeSyntax, "The structure of the external table "+t.name+" is not a list of columns")
	l, depth := lexer{sql: t.structure}, 0
	for tok := l.next(); tok.kind != tokenEnd; tok = l.next() {
		switch {
		case tok.mark("("):
			depth++
		case tok.mark(")"):
			depth--
		}
		if depth < 0 || tok.mark(";") || tok.is("SELECT") {
			return wrong
		}
	}
	if a, err := s.classify(create); err != nil || depth != 0 || a.statements != 1 || a.class != classControl {
		return wrong
	}
	if readOnly {
		return s.staysInside(create, nil)
	}
	return nil
}
