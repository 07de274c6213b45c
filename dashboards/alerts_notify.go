package dashboards

import (
	_ "embed"
	"strings"
	"text/template"
)

//go:embed alerts/message.tmpl
var alertMessage string

// audiences are those whom alerts are for, by the label audience of a rule.
func audiences() []struct{ name, title string } {
	return []struct{ name, title string }{{"finance", "Huikuan: finance"}, {"credit", "Huikuan: credit management"}, {"operations", "Huikuan: operations"}}
}

// AlertNotifications renders the provisioning file of contact points, message
// template, notification policy and quiet hours in one language. Grafana has one
// policy tree in an organisation and takes the whole of it from this file, so a
// Grafana with a tree of its own should be given the rules only, and route by
// the labels app, audience, severity and language.
//
// Addresses come from the environment of Grafana: HUIKUAN_ALERTS_FINANCE,
// HUIKUAN_ALERTS_CREDIT, HUIKUAN_ALERTS_OPERATIONS, each one address or several
// with a semicolon between them.
func AlertNotifications(l Locale) ([]byte, error) {
	prefix := "huikuan"
	if l.Lang != "en" {
		prefix += "-" + l.Lang
	}
	message, err := alertTemplate(l, prefix)
	if err != nil {
		return nil, err
	}
	weekend := l.T("Weekends and nights")
	var points []any
	routes := []any{object{ // rules whose query failed: nine at once, and nothing that finance could mend
		"receiver": l.T("Huikuan: operations"), "object_matchers": []any{[]string{"app", "=", "huikuan"}, []string{"alertname", "=~", "DatasourceError|DatasourceNoData"}},
	}}
	for _, a := range audiences() {
		points = append(points, object{"orgId": 1, "name": l.T(a.title), "receivers": []any{object{
			"uid": prefix + "-" + a.name, "type": "email", "disableResolveMessage": false,
			"settings": object{
				"addresses": "$HUIKUAN_ALERTS_" + strings.ToUpper(a.name), "singleEmail": false,
				"subject": `{{ template "` + prefix + `.title" . }}`, "message": `{{ template "` + prefix + `.message" . }}`,
			},
		}}})
		route := object{"receiver": l.T(a.title), "object_matchers": []any{[]string{"app", "=", "huikuan"}, []string{"audience", "=", a.name}}}
		if a.name != "operations" { // figures change in working hours; a pipeline that stands still does not wait
			route["mute_time_intervals"] = []string{weekend}
		}
		routes = append(routes, route)
	}
	return alertYAML("contact points, message template, notification policy and quiet hours, "+l.Lang, object{
		"apiVersion":    1,
		"contactPoints": points,
		"templates":     []any{object{"orgId": 1, "name": prefix, "template": message}},
		"muteTimes": []any{object{"orgId": 1, "name": weekend, "time_intervals": []any{
			object{"weekdays": []string{"saturday", "sunday"}, "location": "Asia/Shanghai"},
			object{"times": []any{object{"start_time": "00:00", "end_time": "08:00"}, object{"start_time": "20:00", "end_time": "24:00"}}, "location": "Asia/Shanghai"},
		}}},
		"policies": []any{object{
			"orgId": 1, "receiver": l.T("Huikuan: operations"), "group_by": []string{"grafana_folder", "alertname"},
			"group_wait": "1m", "group_interval": "30m", "repeat_interval": "24h", "routes": routes,
		}},
	})
}

// alertTemplate is the text of a message, a template of Grafana: in the file the
// words stand in [[ ]], what Grafana fills in in {{ }}.
func alertTemplate(l Locale, prefix string) (string, error) {
	t, err := template.New("").Delims("[[", "]]").Funcs(template.FuncMap{"t": l.T, "prefix": func() string { return prefix }}).Parse(alertMessage)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, nil)
	return b.String(), err
}
