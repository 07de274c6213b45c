package demo

import "strings"

// All names are put together from parts that no real company was looked up for.

var (
	chineseCities = map[string][]string{
		"East China":      {"苏州", "杭州", "宁波", "无锡", "合肥", "嘉兴", "常州"},
		"North China":     {"天津", "石家庄", "济南", "青岛", "太原", "保定"},
		"South China":     {"东莞", "佛山", "深圳", "厦门", "珠海", "惠州"},
		"Southwest China": {"成都", "重庆", "昆明", "贵阳", "绵阳"},
	}
	chineseSyllables = []string{"澜", "珩", "霁", "岑", "翊", "砚", "衡", "朔", "沅", "弈", "曜", "铠", "栎", "骁", "泓", "楷", "锦", "岚", "禾", "拓"}
	chineseTrades    = map[string][]string{
		"PROJECT":      {"建设工程", "机电安装", "轨道工程", "环境工程"},
		"DISTRIBUTOR":  {"机电设备销售", "五金贸易", "自动化设备", "供应链管理"},
		"MANUFACTURER": {"精密机械", "电气制造", "汽车零部件", "泵阀制造", "新材料"},
		"RETAIL":       {"百货", "家居商场", "连锁超市", "电器商贸"},
		"GOVERNMENT":   {"水务局", "交通运输局", "市政管理处", "第二人民医院", "职业技术学院"},
	}
	chineseFamilies = []string{"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭"}
	chineseGivens   = []string{"磊", "静", "伟", "芳", "敏", "强", "洋", "艳", "杰", "娟", "涛", "明", "超", "秀兰", "霞", "平", "桂英", "志远", "雨桐", "思源", "嘉怡"}

	europeanCities = map[string][]string{
		"DACH":            {"Augsburg", "Bielefeld", "Graz", "Winterthur", "Kassel", "Ulm", "Linz"},
		"Western Europe":  {"Lille", "Utrecht", "Antwerp", "Lyon", "Eindhoven", "Nantes"},
		"Northern Europe": {"Aarhus", "Gothenburg", "Tampere", "Bergen"},
	}
	europeanBrands = []string{"Wolkenbruck", "Steinhagel", "Vanderlinde", "Oosterwold", "Brennwald", "Lindholmen", "Kestrelund", "Falkenried", "Morgenthal", "Aldervik", "Quintel", "Sterrebeek", "Hohenau", "Rosmarin", "Tannerholt", "Bellavoine", "Marchevert", "Nordquell"}
	europeanTrades = map[string][]string{
		"PROJECT":      {"Anlagenbau", "Engineering", "Tunnelbau"},
		"DISTRIBUTOR":  {"Industrial Supply", "Handels", "Technik-Vertrieb"},
		"MANUFACTURER": {"Antriebstechnik", "Maschinenbau", "Pumpen", "Elektrotechnik"},
		"RETAIL":       {"Baumarkt", "Home & Garden", "Retail"},
		"GOVERNMENT":   {"Stadtwerke", "Port Authority", "Universitätsklinikum"},
	}
	europeanForms    = map[string][]string{"DACH": {"GmbH", "AG", "GmbH & Co. KG"}, "Western Europe": {"B.V.", "S.A.S.", "N.V."}, "Northern Europe": {"A/S", "AB", "Oy"}}
	europeanFamilies = []string{"Brandt", "de Wit", "Lefèvre", "Jørgensen", "Köhler", "Vogel", "Moreau", "Nyström", "Seidel", "Huber", "Claes", "Lindqvist"}
	europeanGivens   = []string{"Anna", "Jonas", "Claire", "Lars", "Katrin", "Stefan", "Élodie", "Mats", "Ingrid", "Pieter", "Sabine", "Tobias"}

	asianCities   = map[string][]string{"Southeast Asia": {"Penang", "Johor Bahru", "Surabaya", "Da Nang", "Cebu", "Chiang Mai"}, "Hong Kong & Macau": {"Hong Kong", "Macau", "Kowloon"}}
	asianBrands   = []string{"Orchidara", "Banyanrise", "Jade Lantern", "Straitsway", "Monsoonlink", "Pearlharbour", "Silvercay", "Tamarindo", "Nine Dragons Reach", "Meridian Wharf", "Lotusfield", "Harbourgate"}
	asianTrades   = map[string][]string{"PROJECT": {"Construction", "Infrastructure"}, "DISTRIBUTOR": {"Trading", "Machinery Supply", "Import Export"}, "MANUFACTURER": {"Electronics", "Precision", "Industries"}, "RETAIL": {"Department Stores", "Home Mart"}, "GOVERNMENT": {"Water Board", "Port Services", "Transit Authority"}}
	asianFamilies = []string{"Tan", "Lim", "Nguyen", "Chan", "Wong", "Santos", "Rahman", "Lee", "Wijaya", "Ho"}
	asianGivens   = []string{"Mei Ling", "Kevin", "Siti", "Anh", "Michael", "Grace", "Daniel", "Putri", "Jason", "Joyce"}

	industries = map[string][]string{
		"PROJECT":      {"Construction", "Rail", "Environmental Engineering"},
		"DISTRIBUTOR":  {"Wholesale", "Industrial Distribution"},
		"MANUFACTURER": {"Machinery", "Automotive", "Electrical Equipment", "Materials"},
		"RETAIL":       {"Retail & Wholesale", "Supermarkets"},
		"GOVERNMENT":   {"Public Utilities", "Health Care", "Education"},
	}
)

// name gives a customer its title, city and the name of its contact.
func (c *customer) nameIt(r *random, taken map[string]bool) {
	for try := 0; ; try++ {
		switch {
		case chineseCities[c.region] != nil:
			c.nameChinese(r)
		case europeanCities[c.region] != nil:
			c.nameEuropean(r)
		default:
			c.nameAsian(r)
		}
		if !taken[c.title] {
			taken[c.title] = true
			return
		}
	}
}

func (c *customer) nameChinese(r *random) {
	c.city = pick(r, chineseCities[c.region])
	c.country = "China"
	brand := pick(r, chineseSyllables) + pick(r, chineseSyllables)
	trade := pick(r, chineseTrades[c.segment])
	switch {
	case c.segment == "GOVERNMENT":
		c.title = c.city + "市" + brand + "区" + trade
	case r.chance(0.25):
		c.title = c.city + brand + trade + "股份有限公司"
	default:
		c.title = c.city + brand + trade + "有限公司"
	}
	c.contact = pick(r, chineseFamilies) + pick(r, chineseGivens)
}

func (c *customer) nameEuropean(r *random) {
	c.city = pick(r, europeanCities[c.region])
	c.country = map[string]string{"DACH": "Germany", "Western Europe": "Netherlands", "Northern Europe": "Sweden"}[c.region]
	trade := pick(r, europeanTrades[c.segment])
	if c.segment == "GOVERNMENT" {
		c.title = trade + " " + pick(r, europeanBrands) + "-" + c.city
	} else {
		c.title = pick(r, europeanBrands) + " " + trade + " " + pick(r, europeanForms[c.region])
		if r.chance(0.5) {
			c.title = c.city + "er " + c.title
		}
	}
	c.contact = pick(r, europeanGivens) + " " + pick(r, europeanFamilies)
}

func (c *customer) nameAsian(r *random) {
	c.city = pick(r, asianCities[c.region])
	c.country = map[string]string{"Southeast Asia": "Malaysia", "Hong Kong & Macau": "Hong Kong"}[c.region]
	c.title = pick(r, asianBrands) + " " + c.city + " " + pick(r, asianTrades[c.segment])
	if c.segment != "GOVERNMENT" {
		c.title += pick(r, []string{" Ltd", " Pte Ltd", " Co Ltd", " Group"})
	}
	c.contact = pick(r, asianGivens) + " " + pick(r, asianFamilies)
}

// domainOf makes a web domain out of an identifier: reserved names, so that
// nothing of the demo can ever reach a real host.
func domainOf(identifier string) string {
	return strings.ToLower(strings.ReplaceAll(identifier, "_", "-")) + ".example"
}
