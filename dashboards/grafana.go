package dashboards

import "strings"

// Types of Grafana's classic dashboard JSON, as far as the definitions need
// them. What differs from panel to panel is an object.

// Versions of Grafana and its ClickHouse data source that the JSON is for.
const (
	schemaVersion    = 42
	grafanaVersion   = "12.4.0"
	datasourceType   = "grafana-clickhouse-datasource"
	datasourcePlugin = "4.14.1"
	datasourceUID    = "${datasource}"
)

type object = map[string]any

// Dashboard is a classic Grafana dashboard.
type Dashboard struct {
	UID                  string     `json:"uid"`
	Title                string     `json:"title"`
	Description          string     `json:"description"`
	Tags                 []string   `json:"tags"`
	SchemaVersion        int        `json:"schemaVersion"`
	Version              int        `json:"version"`
	Editable             bool       `json:"editable"`
	Timezone             string     `json:"timezone"`
	WeekStart            string     `json:"weekStart"`
	FiscalYearStartMonth int        `json:"fiscalYearStartMonth"`
	GraphTooltip         int        `json:"graphTooltip"`
	Time                 object     `json:"time"`
	Timepicker           object     `json:"timepicker"`
	Refresh              string     `json:"refresh"`
	Links                []any      `json:"links"`
	Annotations          object     `json:"annotations"`
	Templating           templating `json:"templating"`
	Panels               []Panel    `json:"panels"`
}

type templating struct {
	List []object `json:"list"`
}

// Panel is one panel of a dashboard.
type Panel struct {
	ID               int         `json:"id"`
	Type             string      `json:"type"`
	PluginVersion    string      `json:"pluginVersion"`
	Title            string      `json:"title"`
	Description      string      `json:"description"`
	Transparent      bool        `json:"transparent,omitempty"`
	GridPos          gridPos     `json:"gridPos"`
	Datasource       object      `json:"datasource,omitempty"`
	Targets          []Target    `json:"targets,omitempty"`
	FieldConfig      fieldConfig `json:"fieldConfig"`
	Options          object      `json:"options"`
	Transformations  []object    `json:"transformations,omitempty"`
	TimeFrom         string      `json:"timeFrom,omitempty"` // a range of its own, such as 14d
	HideTimeOverride bool        `json:"hideTimeOverride,omitempty"`
	Collapsed        bool        `json:"collapsed,omitempty"` // a row that is opened by a click, with its panels
	Panels           []Panel     `json:"panels,omitempty"`
}

// AllPanels are the panels of the page and those in its collapsed rows, in
// reading order.
func (d Dashboard) AllPanels() []Panel { return withFolded(d.Panels) }

func withFolded(panels []Panel) []Panel {
	var out []Panel
	for _, p := range panels {
		out = append(append(out, p), p.Panels...)
	}
	return out
}

// Target is one query of a panel.
type Target struct {
	RefID         string `json:"refId"`
	Datasource    object `json:"datasource"`
	PluginVersion string `json:"pluginVersion"`
	EditorType    string `json:"editorType"`
	QueryType     string `json:"queryType"`
	Format        int    `json:"format"` // 0 = time series, 1 = table
	RawSQL        string `json:"rawSql"`
}

type gridPos struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

type fieldConfig struct {
	Defaults  object   `json:"defaults"`
	Overrides []object `json:"overrides"`
}

func datasource() object { return object{"type": datasourceType, "uid": datasourceUID} }

func tableTarget(ref, sql string) Target {
	return Target{RefID: ref, Datasource: datasource(), PluginVersion: datasourcePlugin, EditorType: "sql", QueryType: "table", Format: 1, RawSQL: sql}
}

func seriesTarget(ref, sql string) Target {
	t := tableTarget(ref, sql)
	t.QueryType, t.Format = "timeseries", 0
	return t
}

// override sets properties of the fields of that name, given as id, value pairs.
func override(field string, pairs ...any) object {
	properties := make([]any, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		properties = append(properties, object{"id": pairs[i], "value": pairs[i+1]})
	}
	return object{"matcher": object{"id": "byName", "options": field}, "properties": properties}
}

func fixed(colour string) object { return object{"mode": "fixed", "fixedColor": colour} }

func steps(list ...any) object { return object{"mode": "absolute", "steps": list} }

func step(value any, colour string) object { return object{"value": value, "color": colour} }

// unitFromQuery takes the unit of the numbers from the column u of query B:
// units do not interpolate variables.
func unitFromQuery() []object {
	return []object{{"id": "configFromData", "options": object{
		"configRefId": "B",
		"mappings":    []any{object{"fieldName": "u", "handlerKey": "unit"}},
	}}, withoutField("u")}
}

// withoutField leaves a column out, and what has no columns then: without any
// frame Grafana says what an empty panel is to say.
func withoutField(name string) object {
	return object{"id": "filterFieldsByName", "options": object{"exclude": object{"names": []any{name}}}}
}

func legend() object {
	return object{"showLegend": true, "displayMode": "list", "placement": "bottom", "calcs": []any{}}
}

func tooltip() object { return object{"mode": "multi", "sort": "none"} }

// hideFrom keeps a column out of a chart, its legend and its tooltip.
func hideFrom(legend, tooltip, viz bool) object {
	return object{"legend": legend, "tooltip": tooltip, "viz": viz}
}

// queryVariable fills a variable with a query: two columns are value, text.
func queryVariable(name, label, sql string) object {
	return object{
		"name": name, "label": label, "type": "query", "datasource": datasource(), "definition": sql, "query": sql,
		"refresh": 1, "sort": 0, "regex": "", "hide": 0, "skipUrlSync": false, "multi": false, "includeAll": false,
		"options": []any{}, "current": object{},
	}
}

// multiVariable is a filter: none, one, many or All.
func multiVariable(name, label, allText, sql string) object {
	v := queryVariable(name, label, sql)
	v["multi"], v["includeAll"] = true, true
	v["current"] = object{"selected": true, "text": []any{allText}, "value": []any{All}}
	return v
}

// customVariable chooses one of a few values, the first unless told otherwise.
func customVariable(name, label string, valueText [][2]string) object {
	var options []any
	var query []string
	for i, o := range valueText {
		options = append(options, object{"selected": i == 0, "value": o[0], "text": o[1]})
		query = append(query, o[1]+" : "+o[0])
	}
	return object{
		"name": name, "label": label, "type": "custom", "query": strings.Join(query, ","), "hide": 0, "skipUrlSync": false, "multi": false, "includeAll": false,
		"options": options, "current": object{"selected": true, "value": valueText[0][0], "text": valueText[0][1]},
	}
}

// hiddenVariable computes a text for titles and the headline.
func hiddenVariable(name, sql string) object {
	v := queryVariable(name, "", sql)
	v["hide"], v["skipUrlSync"] = 2, true
	return v
}
