package mapping

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSizeClassesHoldWhatIsAskedOfThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 1<<28).Draw(t, "size")
		class, holds := sizeClass(size)
		if holds < size || holds > max(1<<10, size+size/4) {
			t.Fatalf("%d bytes are held by %d", size, holds)
		}
		if again, same := sizeClass(holds); again != class || same != holds {
			t.Fatalf("%d bytes are of class %d (%d), their class of %d (%d)", size, class, holds, again, same)
		}
		if larger, _ := sizeClass(holds + 1); larger != class+1 {
			t.Fatalf("class %d ends at %d, and then comes %d", class, holds, larger)
		}
	})
}

// TestReleasedMemoryIsUsedAgain maps pages one after the other and looks at the
// rows of those that are still held.
func TestReleasedMemoryIsUsedAgain(t *testing.T) {
	m, err := Compile("invoices", parseYAML(t, erpnextInvoices), Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.Recycle()
	page := func(n int) Output {
		out, err := m.Map(Input{Body: erpnextPage(n), Records: "data"})
		if err != nil || out.Mapped != n {
			t.Fatal(err, out.Mapped)
		}
		return out
	}
	held := page(300)
	want := rowsOf(t, held)
	for range 20 {
		page(100).Release()
		page(300).Release()
	}
	if got := rowsOf(t, held); got != want {
		t.Errorf("the rows changed:\n%s\n%s", got, want)
	}
	held.Release()
	again := page(300)
	defer again.Release()
	if got := rowsOf(t, again); got != want {
		t.Errorf("the same page gives other rows in used memory:\n%s\n%s", got, want)
	}
}

func rowsOf(t *testing.T, out Output) string {
	t.Helper()
	text, err := out.Batches[0].Record.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
