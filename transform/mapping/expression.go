package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/parser"
	"go.yaml.in/yaml/v3"

	"huikuan/transform/schema"
)

// Expressions are written in the language of expr-lang: its parser reads them,
// with its operators and their precedence. What they mean is settled here, once,
// when the mapping is compiled: names become slots of the record, every operand
// gets a type, and the tree becomes functions over exact decimals. The virtual
// machine of expr is not used, because it counts in floats.

// exprType is what is known of an operand before there is a record.
type exprType uint8

const (
	typeNull   exprType = iota // nil
	typeField                  // a field of the source: text, number or flag, as it is used
	typeText                   // a text
	typeNumber                 // an exact decimal
	typeDay                    // a calendar day
	typeMoment                 // a day with a time
	typeTruth                  // true or false
)

func (t exprType) String() string {
	return [...]string{"nothing", "a field", "a text", "a number", "a date", "an instant", "true or false"}[t]
}

// operand is a value while an expression is calculated.
type operand struct {
	null  bool
	v     value   // typeField, typeText
	num   decimal // typeNumber
	at    stamp   // typeDay, typeMoment
	truth bool    // typeTruth
}

var nothing = operand{null: true}

// typed is a compiled part of an expression. eval reports a failure in
// worker.fault, and returns nothing then.
type typed struct {
	typ     exprType
	eval    func(w *worker) operand
	where   string // the path, or the text of the expression, for messages
	literal bool   // its value is written in the expression
	text    string // of a literal text
}

// expression compiles one expression.
type expression struct {
	c         *compiler
	sc        scope
	node      *yaml.Node
	source    []rune
	vars      map[string]typed // of `let`
	slots     int              // of variables so far
	functions map[string]function
	failed    bool
	mark      byte
	dates     []dateFormat
}

// parserConfig makes the parser read every call as a call, so that only the
// functions of this package exist.
func parserConfig(table map[string]function) *conf.Config {
	config := &conf.Config{MaxNodes: 1000, Functions: conf.FunctionsTable{}, Disabled: map[string]bool{}}
	for _, b := range builtin.Builtins {
		config.Disabled[b.Name] = true
		config.Functions[b.Name] = b
	}
	for name := range table {
		config.Functions[name] = nil
	}
	return config
}

// parse compiles the text of a node; false if there is a mistake, which is reported.
func (c *compiler) parse(n *yaml.Node, sc scope, mark byte, dates []dateFormat) (out typed, ok bool) {
	text, ok := c.text(n, "expr")
	if !ok {
		return out, false
	}
	x := &expression{c: c, sc: sc, node: n, source: []rune(text), functions: functionTable(), vars: map[string]typed{}, mark: mark, dates: dates}
	tree, err := parser.ParseWithConfig(text, parserConfig(x.functions))
	if err != nil {
		message, _, _ := strings.Cut(err.Error(), "\n")
		c.add(n, "see docs/connectors/mapping.md for the language", "the expression %q cannot be read: %s", text, message)
		return out, false
	}
	out = x.compile(tree.Node)
	if out.where == "" {
		out.where = text
	}
	return out, !x.failed
}

// fail reports a mistake, once for an expression: those that follow from it are noise.
func (x *expression) fail(hint, format string, args ...any) typed {
	if !x.failed {
		x.c.add(x.node, hint, "the expression %q: %s", string(x.source), fmt.Sprintf(format, args...))
	}
	x.failed = true
	return typed{typ: typeNull, eval: func(*worker) operand { return nothing }}
}

// expression compiles the source of a field.
func (c *compiler) expression(f *field, sc scope, n *yaml.Node) {
	out, ok := c.parse(n, sc, f.mark, f.formats)
	if !ok {
		return
	}
	text, _ := c.text(n, "expr")
	f.expr, f.texts = &out, []string{text}
	fits := true
	switch f.kind {
	case schema.Money, schema.Rate, schema.Int, schema.Float:
		fits = out.typ <= typeNumber
	case schema.Date, schema.Instant:
		fits = out.typ <= typeText || out.typ == typeDay || out.typ == typeMoment
	case schema.Bool:
		fits = out.typ <= typeText || out.typ == typeTruth
	}
	if !fits && f.table == nil {
		c.add(n, "", "%s is a %s, but the expression %q gives %s", f.name, f.kind, text, out.typ)
	}
}

// truth compiles an expression that is true or false.
func (c *compiler) truth(n *yaml.Node, sc scope) (typed, bool) {
	out, ok := c.parse(n, sc, c.mark, c.formats)
	if ok && out.typ != typeTruth {
		c.add(n, "compare it with something, or write flag(field)", "a condition must be true or false, but %q gives %s", n.Value, out.typ)
		return out, false
	}
	return out, ok
}

// constants compiles `consts`: names for values that expressions write as $name.
func (c *compiler) constants(n *yaml.Node) {
	for _, k := range c.pairs(n, "consts") {
		if text, ok := c.text(k.value, "a value of consts"); ok {
			if c.consts == nil {
				c.consts = map[string]string{}
			}
			c.consts[k.key] = text
		}
	}
}

// calculate returns the value of a field's expression; w.fault is set if there is none.
func (w *worker) calculate(f *field) value {
	o := f.expr.eval(w)
	if o.null || w.fault != nil {
		return value{}
	}
	start := len(w.arena)
	switch f.expr.typ {
	case typeNumber:
		w.arena = o.num.append(w.arena)
		return value{kindNumber, w.arena[start:]}
	case typeDay, typeMoment:
		w.arena = o.at.append(w.arena)
		return value{kindStamp, w.arena[start:]}
	case typeTruth:
		kind := kindText
		if f.kind == schema.Bool {
			kind = kindBool
		}
		if o.truth {
			return value{kind, []byte("true")}
		}
		return value{kind, []byte("false")}
	}
	return o.v
}

// stumble reports that an operand is not what it has to be.
func (w *worker) stumble(where string, v value, expected, reason, hint string) operand {
	if w.fault == nil {
		w.fault = &failure{field: where, reason: reason, found: found(v.kind, v.b), expected: expected, hint: hint}
	}
	return nothing
}

// compile turns a node of the tree into a typed function.
func (x *expression) compile(n ast.Node) typed {
	switch n := n.(type) {
	case *ast.NilNode:
		return typed{typ: typeNull, literal: true, where: "nil", eval: func(*worker) operand { return nothing }}
	case *ast.BoolNode:
		o := operand{truth: n.Value}
		return typed{typ: typeTruth, literal: true, eval: func(*worker) operand { return o }}
	case *ast.StringNode:
		return textLiteral(n.Value)
	case *ast.IntegerNode, *ast.FloatNode:
		return x.numberLiteral(n)
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
		return x.name(n)
	case *ast.UnaryNode:
		return x.unary(n)
	case *ast.BinaryNode:
		return x.binary(n)
	case *ast.ConditionalNode:
		return x.conditional(n)
	case *ast.VariableDeclaratorNode:
		return x.declare(n)
	case *ast.CallNode:
		return x.call(n)
	}
	return x.fail("write numbers, texts, fields, operators and functions", "%s is not part of the language", strings.TrimPrefix(fmt.Sprintf("%T", n), "*ast."))
}

func textLiteral(text string) typed {
	o := operand{v: value{kindText, []byte(text)}, null: strings.TrimSpace(text) == ""}
	return typed{typ: typeText, literal: true, text: text, eval: func(*worker) operand { return o }}
}

// numberLiteral reads the digits as written: the float that the parser made of
// them is never looked at.
func (x *expression) numberLiteral(n ast.Node) typed {
	text := fmt.Sprint(n)
	if at := n.Location(); at.To > at.From && at.To <= len(x.source) {
		text = strings.ReplaceAll(string(x.source[at.From:at.To]), "_", "")
	}
	d, fault := parseDecimal([]byte(text), '.')
	if fault != numberOK {
		return x.fail("write it in digits, with a point before the decimals", "%s is no number", text)
	}
	return typed{typ: typeNumber, literal: true, where: text, eval: func(*worker) operand { return operand{num: d} }}
}

// name compiles the name of a variable or constant, or the path of a field.
func (x *expression) name(n ast.Node) typed {
	if id, ok := n.(*ast.IdentifierNode); ok {
		if v, ok := x.vars[id.Value]; ok {
			return v
		}
		if name, ok := strings.CutPrefix(id.Value, "$"); ok && name != "" {
			text, ok := x.c.consts[name]
			if !ok {
				return x.fail("name it in an entry `- consts: {"+name+": …}` above this one", "there is no constant %s", id.Value)
			}
			out := textLiteral(text)
			out.typ, out.literal = typeField, false
			return out
		}
	}
	path, ok := x.path(n)
	if !ok {
		return x.fail(`write fields as a, a.b, a[0], a["b c"], or field("^.a")`, "%s is not the path of a field", n.String())
	}
	if path == "" {
		return x.fail(`write $["the name"]`, "$ alone is no field")
	}
	return x.field(path)
}

// path writes a chain of names as a path of the mapping.
func (x *expression) path(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		if n.Value == "$" {
			return "", true
		}
		return n.Value, true
	case *ast.ChainNode:
		return x.path(n.Node)
	case *ast.MemberNode:
		base, ok := x.path(n.Node)
		key := ""
		switch p := n.Property.(type) {
		case *ast.StringNode:
			key = strings.NewReplacer(`\`, `\\`, ".", `\.`).Replace(p.Value)
		case *ast.IntegerNode:
			key = fmt.Sprint(p.Value)
		}
		if base == "" {
			return key, ok && key != ""
		}
		return base + "." + key, ok && key != ""
	}
	return "", false
}

// field reads a path.
func (x *expression) field(path string) typed {
	at, ok := x.c.ref(x.node, x.sc, path, true)
	if !ok {
		x.failed = true
		return x.fail("", "")
	}
	empty := x.c.empty
	return typed{typ: typeField, where: path, eval: func(w *worker) operand {
		v := *w.value(at)
		null := w.blank(v)
		for i := range empty {
			null = null || empty[i].isNothing(true, v)
		}
		return operand{v: v, null: null}
	}}
}

func (x *expression) conditional(n *ast.ConditionalNode) typed {
	condition := x.truth(x.compile(n.Cond))
	branches, typ := x.unify([]typed{x.compile(n.Exp1), x.compile(n.Exp2)})
	return typed{typ: typ, eval: func(w *worker) operand {
		o := condition.eval(w)
		switch {
		case w.fault != nil:
			return nothing
		case !o.null && o.truth:
			return branches[0].eval(w)
		}
		return branches[1].eval(w)
	}}
}

func (x *expression) declare(n *ast.VariableDeclaratorNode) typed {
	if _, ok := x.vars[n.Name]; ok {
		return x.fail("choose another name", "%s is declared twice", n.Name)
	}
	variable := x.compile(n.Value)
	slot := x.slots
	x.slots++
	calculate := variable.eval
	variable.eval = func(w *worker) operand { return w.vars[slot] }
	x.vars[n.Name] = variable
	out := x.compile(n.Expr)
	delete(x.vars, n.Name)
	eval := out.eval
	out.eval = func(w *worker) operand { // once, however often its name is used
		o := calculate(w)
		for len(w.vars) <= slot {
			w.vars = append(w.vars, nothing)
		}
		w.vars[slot] = o
		return eval(w)
	}
	return out
}

func (x *expression) call(n *ast.CallNode) typed {
	id, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return x.fail("write upper(a), not a.upper()", "%s is not a function", n.Callee.String())
	}
	f, ok := x.functions[id.Value]
	if !ok {
		hint := "functions are " + strings.Join(x.functionNames(), ", ")
		if near := nearest(id.Value, x.functionNames()); near != "" {
			hint = fmt.Sprintf("did you mean %s? %s", near, hint)
		}
		if id.Value == "float" || id.Value == "int" {
			hint = "numbers are exact decimals here: write dec(…)"
		}
		return x.fail(hint, "there is no function %s", id.Value)
	}
	if len(n.Arguments) < f.least || len(n.Arguments) > f.most {
		return x.fail("write "+f.usage, "%s has %d arguments", id.Value, len(n.Arguments))
	}
	args := make([]typed, len(n.Arguments))
	for i, a := range n.Arguments {
		args[i] = x.compile(a)
	}
	if x.failed {
		return args[0]
	}
	return f.build(x, args, f)
}

func (x *expression) functionNames() []string {
	return slices.Sorted(maps.Keys(x.functions))
}
