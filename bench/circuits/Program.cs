using System.Globalization;
using System.Text.Json;

// Opens pages of a portal as many browsers would and does what it is told on standard input, one answer a line:
//   open PATH COUNT     opens so many more pages
//   follow PATH TIMES   follows a link in an open page, one page after another; the times in milliseconds
//   count               what all have received so far
//   close               closes all at once, as when a network fails
var origin = new Uri(args[0]);
var cookies = args[1..];
var pages = new List<Page>();
while (Console.ReadLine() is { } line)
{
    var words = line.Split(' ');
    object answer = words[0] switch
    {
        "open" => await OpenAsync(words[1], Number(words[2])),
        "follow" => await FollowAsync(words[1], Number(words[2])),
        "count" => Count(),
        "close" => await CloseAsync(),
        _ => throw new InvalidOperationException($"Unknown command: {line}"),
    };
    Console.WriteLine(JsonSerializer.Serialize(answer));
}

async Task<object> OpenAsync(string path, int count)
{
    for (var i = 0; i < count; i++)
    {
        pages.Add(await Page.OpenAsync(origin, cookies[pages.Count % cookies.Length], path));
    }

    await Task.Delay(2000);
    return Count();
}

async Task<object> FollowAsync(string path, int times)
{
    var took = new List<double>();
    for (var i = 0; i < times; i++)
    {
        took.Add((await pages[i % pages.Count].FollowAsync(path, TimeSpan.FromSeconds(30))).TotalMilliseconds);
        await Task.Delay(50);
    }

    return took;
}

object Count() =>
    new
    {
        open = pages.Count(page => page.Failure is null),
        failures = pages.Select(page => page.Failure).OfType<string>().Distinct().Take(3),
        bytes = pages.Sum(page => page.Bytes),
        batches = pages.Sum(page => page.Batches),
    };

async Task<object> CloseAsync()
{
    foreach (var page in pages)
    {
        await page.DisposeAsync();
    }

    pages.Clear();
    return Count();
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
