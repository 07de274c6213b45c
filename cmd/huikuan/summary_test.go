package main

import "testing"

func TestFixedRoundsHalfAwayFromZeroOnExactText(t *testing.T) {
	cases := []struct {
		in   string
		n    int
		want string
	}{
		{"5725.06", 2, "5725.06"}, {"5725.0600", 2, "5725.06"}, {"5", 2, "5.00"}, {"0.005", 2, "0.01"}, {"-0.005", 2, "-0.01"},
		{"-0.004", 2, "0.00"}, {"9.995", 2, "10.00"}, {"999.99", 1, "1000.0"}, {"12.5", 0, "13"}, {"-12.449", 1, "-12.4"},
	}
	for _, c := range cases {
		if got := fixed(c.in, c.n); got != c.want {
			t.Errorf("fixed(%s, %d) = %s, want %s", c.in, c.n, got, c.want)
		}
	}
}

func TestGroupedKeepsSignAndDecimals(t *testing.T) {
	for in, want := range map[string]string{"1234567.89": "1,234,567.89", "-1234.5": "-1,234.5", "-123": "-123", "0": "0"} {
		if got := grouped(in); got != want {
			t.Errorf("grouped(%s) = %s, want %s", in, got, want)
		}
	}
}
