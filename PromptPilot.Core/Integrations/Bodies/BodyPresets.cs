namespace PromptPilot.Core.Integrations.Bodies;

/// <summary>A body for a known receiver.</summary>
/// <param name="AddressHint">The form of its addresses.</param>
/// <param name="Help">Where the address comes from.</param>
public sealed record BodyPreset(string Key, string Name, string AddressHint, string Help, string Body)
{
    /// <summary>False: it does not verify signatures, so that a secret would be of no use.</summary>
    public bool TakesSecret { get; init; }
}

/// <summary>Bodies of receivers that take messages only in a form of their own. Texts are cut to what each accepts.</summary>
public static class BodyPresets
{
    public static IReadOnlyList<BodyPreset> All { get; } =
    [
        // https://learn.microsoft.com/connectors/teams, “When a Teams webhook request is received”
        new(
            "teams",
            "Microsoft Teams",
            "https://….logic.azure.com/workflows/…",
            "In Teams, add the workflow “Send webhook alerts to a channel”, and paste its address.",
            """
            {
              "type": "message",
              "attachments": [
                {
                  "contentType": "application/vnd.microsoft.card.adaptive",
                  "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": [
                      { "type": "TextBlock", "text": "{{ title }}", "weight": "Bolder", "size": "Medium", "wrap": true },
                      { "type": "TextBlock", "text": "{{ text | truncate: 5000 }}", "wrap": true }
                    ]{% if url %},
                    "actions": [{ "type": "Action.OpenUrl", "title": "Open", "url": "{{ url }}" }]{% endif %}
                  }
                }
              ]
            }
            """
        ),
        // https://discord.com/developers/docs/resources/webhook#execute-webhook
        new(
            "discord",
            "Discord",
            "https://discord.com/api/webhooks/…",
            "In Discord, open the settings of the channel, then Integrations and Webhooks, and copy the address.",
            """
            {
              "embeds": [
                {
                  "title": "{{ title | truncate: 250 }}",
                  {% if url %}"url": "{{ url }}",{% endif %}
                  "description": "{{ text | truncate: 4000 }}"
                }
              ],
              "allowed_mentions": { "parse": [] }
            }
            """
        ),
        // https://developers.google.com/workspace/chat/create-messages#create-cards
        new(
            "google-chat",
            "Google Chat",
            "https://chat.googleapis.com/v1/spaces/…",
            "In Google Chat, open the apps and integrations of the space, add a webhook, and copy its address.",
            """
            {
              "cardsV2": [
                {
                  "cardId": "promptpilot",
                  "card": {
                    "header": { "title": "{{ title | truncate: 200 }}" },
                    "sections": [
                      {
                        "widgets": [
                          { "textParagraph": { "text": "{{ text | truncate: 4000 | escape }}" } }{% if url %},
                          { "buttonList": { "buttons": [
                            { "text": "Open", "onClick": { "openLink": { "url": "{{ url }}" } } }
                          ] } }{% endif %}
                        ]
                      }
                    ]
                  }
                }
              ]
            }
            """
        ),
        // https://developers.mattermost.com/integrate/reference/message-attachments
        new(
            "mattermost",
            "Mattermost or Rocket.Chat",
            "https://chat.example.org/hooks/…",
            "Create an incoming webhook under Integrations, and copy its address.",
            """
            {
              "text": "",
              "attachments": [
                {
                  "fallback": "{{ title }}",
                  "title": "{{ title | truncate: 250 }}",
                  {% if url %}"title_link": "{{ url }}",{% endif %}
                  "text": "{{ text | truncate: 7000 | replace: "@", "＠" }}"
                }
              ]
            }
            """
        ),
        new(
            "other",
            "Other",
            "https://example.org/hooks/results",
            "Write the JSON that the receiver expects.",
            """
            {
              "text": "{{ title }}\n{{ text | truncate: 2000 }}",
              "url": {{ url | json }},
              "event": "{{ type }}",
              "outputs": {{ data.outputs | json }}
            }
            """
        )
        {
            TakesSecret = true,
        },
    ];
}
